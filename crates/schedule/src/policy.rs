//! Who goes first: the named policies, and the knobs that make one.
//!
//! The default needs no oracle. It ranks jobs by the service that they probably still need (a Gittins index
//! over what history and the owner's estimate say, see [`crate::belief`]), serves tenants by weighted fair
//! share, lets short jobs pass a reservation that they surely don't delay, and after a bounded wait serves a
//! job in order of arrival whatever its size. The trade-offs:
//! - a shorter average wait is paid by long jobs, which wait up to `overdue_seconds` more than
//!   first-in-first-out would make them; that bound is the knob (see `core::overdue`);
//! - that bound costs something: on ITP cluster 04 with 640 devices and estimates wrong by a factor of e the
//!   average wait is 1,737 s, where a looser bound, which a more loaded cluster broke, gave 1,424 s;
//! - a job that may be stopped and has no estimate is overdue a fifth sooner, since its rank says little: on
//!   Muri's 400 jobs without any estimates the p99 of completion falls from 1,620,401 s to 1,423,176 s, below
//!   first-in-first-out's 1,523,863 s, and the average from 351,217 s to 345,715 s; on its trace 1, overloaded for
//!   months, the average grows from 5.2 to 6.2 million s (first-in-first-out: 11.3) and the p99 falls;
//! - run times that nobody knows can't be bounded by any scheduler that doesn't stop jobs: three times the
//!   first-in-first-out wait and a day held on all loads that were tried, not by proof;
//! - fair share comes before rank and age until a job is late, so with many tenants the average is worse than
//!   one common queue's, and no tenant can buy a better place with smaller jobs; on a fleet that is overloaded
//!   for weeks most jobs become late, and service turns into that of arrival;
//! - preemption is used only on jobs that can go on from where they were, and only for a gain of
//!   `preempt_factor`, since each stop costs a restart.

use crate::{fleet::Placement, world::Seconds};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// What jobs of one tenant are sorted by, after priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Arrival.
    Arrival,
    /// Expected remaining time.
    Time,
    /// Expected remaining time times devices.
    Service,
    /// Service received so far (least attained service).
    Attained,
    /// Gittins index of the belief about the remaining time, times devices.
    #[default]
    Gittins,
}

/// What may pass a job that doesn't fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backfill {
    /// Nothing.
    None,
    /// Anything that fits. Large jobs may starve.
    Greedy,
    /// What leaves the first job's reservation alone (Lifka 1995).
    #[default]
    Easy,
    /// What leaves the reservations of the first [`Policy::reservations`] jobs alone.
    Conservative,
}

/// When a running job may be stopped for a waiting one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preemption {
    /// Never.
    Never,
    /// When the waiting one has the higher priority.
    #[default]
    Priority,
    /// Also when the waiting one ranks better by this factor and the running one loses no work.
    Rank(f64),
}

/// How the scheduler decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name on the command line.
    pub name: String,
    /// What jobs of one tenant are sorted by.
    pub order: Order,
    /// What may pass a job that doesn't fit.
    pub backfill: Backfill,
    /// Reservations at most.
    pub reservations: usize,
    /// Whether tenants are served by weighted fair share; otherwise all jobs stand in one queue.
    pub fair_share: bool,
    /// After how long used service counts half.
    pub half_life: Seconds,
    /// When running jobs are stopped for others.
    pub preemption: Preemption,
    /// After how long a wait a job is served by arrival, before all others; among several tenants one such
    /// job in a round, of the tenant that is furthest behind its share.
    pub overdue_seconds: Option<Seconds>,
    /// How many times the wait that serving by arrival would probably have meant is added to that bound; a fifth
    /// less for jobs that may be stopped and have no estimate.
    pub overdue_factor: f64,
    /// Which node a task goes to.
    pub placement: Placement,
    /// Whether a simulation tells it true run times.
    pub oracle: bool,
    /// How much devices count in [`Order::Gittins`]: 0 not at all, 1 in proportion.
    pub size_power: f64,
    /// Ranks within this factor are equal: such jobs are served by arrival.
    pub grid: f64,
    /// What each start costs before useful work begins.
    pub restart_seconds: Seconds,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".into(),
            order: Order::Gittins,
            backfill: Backfill::Easy,
            reservations: 1,
            fair_share: true,
            half_life: 7 * 86_400,
            preemption: Preemption::Rank(2.0),
            overdue_seconds: Some(6 * 3600),
            overdue_factor: 1.0,
            placement: Placement::Fgd,
            oracle: false,
            size_power: 1.0,
            grid: 2.0,
            restart_seconds: 0,
        }
    }
}

/// Names that [`Policy::named`] knows.
pub const NAMES: [&str; 13] = [
    "default",
    "fifo",
    "easy",
    "conservative",
    "sjf",
    "sjf-oracle",
    "srtf",
    "srsf",
    "las",
    "fair",
    "bestfit",
    "fgd-paper",
    "fgd",
];

impl Policy {
    /// The policy of this name.
    ///
    /// `fifo`, `easy` and `conservative` serve by arrival; `sjf` by estimate; `sjf-oracle`, `srtf` and `srsf`
    /// by true run time; `las` by attained service, as Tiresias does; `fair` by fair share, then arrival;
    /// `bestfit`, `fgd-paper` and `fgd` serve by arrival, let anything that fits pass, and differ in where
    /// tasks go.
    pub fn named(name: &str) -> Result<Self> {
        let base = Self {
            name: name.into(),
            order: Order::Arrival,
            fair_share: false,
            preemption: Preemption::Priority,
            overdue_seconds: None,
            ..Self::default()
        };
        let by_rank = |order, oracle| Self {
            order,
            oracle,
            backfill: Backfill::Greedy,
            preemption: Preemption::Rank(1.0),
            ..base.clone()
        };
        let placed = |placement| Self { placement, backfill: Backfill::Greedy, ..base.clone() };
        Ok(match name {
            "default" => Self::default(),
            "fifo" => Self { backfill: Backfill::None, ..base },
            "easy" => base,
            "conservative" => Self { backfill: Backfill::Conservative, reservations: 64, ..base },
            "sjf" => Self { order: Order::Time, backfill: Backfill::Greedy, ..base },
            "sjf-oracle" => Self { order: Order::Time, backfill: Backfill::Greedy, oracle: true, ..base },
            "srtf" => by_rank(Order::Time, true),
            "srsf" => by_rank(Order::Service, true),
            "las" => by_rank(Order::Attained, false),
            "fair" => Self { fair_share: true, ..base },
            "bestfit" => placed(Placement::BestFit),
            "fgd-paper" => placed(Placement::FgdPaper),
            "fgd" => placed(Placement::Fgd),
            _ => {
                return Err(Error::invalid(
                    "policy_unknown",
                    format!("there is no policy '{name}'; there are {}", NAMES.join(", ")),
                ));
            }
        })
    }
}
