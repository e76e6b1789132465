//! What a running scheduler writes down, one JSON object a line: its world and policy when it begins, then
//! each [`Event`] that it took and each round of decisions, as they happened. That is all that its decisions
//! depend on, so [`crate::replay()`] can check them later.
//!
//! ```text
//! {"world":{…},"policy":{…}}
//! {"at":1700000000,"event":{"event":"submit","job":{…}}}
//! {"at":1700000000,"decided":{"starts":[[17,[[0,3,1000]]]],"stops":[[12,17]]}}
//! ```
//!
//! Each start names the job and, for each task, the node, its devices as bits, and the thousandths of each;
//! each stop the job, and for which other one. A service that comes up again appends another first line. It
//! should begin it on a new line, in case the last one was cut off; empty lines mean nothing.

use crate::{
    core::{Decisions, Event, State},
    fleet::Slice,
    policy::Policy,
    world::{JobId, Seconds, World},
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// One line of a recording.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Parts")]
pub enum Record {
    /// A scheduler begins, with nothing waiting or running.
    Begin {
        /// What it schedules onto, and for whom.
        world: Box<World>,
        /// How.
        policy: Box<Policy>,
    },
    /// It took an event. Events that it refused aren't recorded.
    Event {
        /// When.
        at: Seconds,
        /// It.
        event: Event,
    },
    /// It decided.
    Decided {
        /// When.
        at: Seconds,
        /// What.
        decided: Decided,
    },
}

/// A job's places: node, devices as bits, thousandths of each.
type Places = Vec<(u32, u16, u16)>;

/// What was decided in a round, without reasons and promises.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decided {
    /// Jobs that started, and where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<(JobId, Places)>,
    /// Jobs that were stopped, and for which others; for none where prepaid money had run out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<(JobId, Option<JobId>)>,
}

impl From<&Decisions> for Decided {
    fn from(decisions: &Decisions) -> Self {
        let place = |slice: &Slice| (slice.node, slice.devices, slice.milli);
        let starts = decisions.placements.iter();
        Self {
            starts: starts.map(|start| (start.job, start.slices.iter().map(place).collect())).collect(),
            stops: decisions.preemptions.iter().map(|stop| (stop.job, stop.preemptor)).collect(),
        }
    }
}

/// The fields of all kinds of lines.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parts {
    #[serde(skip_serializing_if = "Option::is_none")]
    world: Option<Box<World>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Box<Policy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Event>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Decided>,
}

impl TryFrom<Parts> for Record {
    type Error = &'static str;

    fn try_from(parts: Parts) -> std::result::Result<Self, Self::Error> {
        let Parts { world, policy, at, event, decided } = parts;
        match (world, policy, at, event, decided) {
            (Some(world), Some(policy), None, None, None) => Ok(Self::Begin { world, policy }),
            (None, None, Some(at), Some(event), None) => Ok(Self::Event { at, event }),
            (None, None, Some(at), None, Some(decided)) => Ok(Self::Decided { at, decided }),
            _ => Err("a line holds `world` and `policy`, or `at` and `event`, or `at` and `decided`"),
        }
    }
}

impl Record {
    /// Reads a line. Fails with `record_invalid` where it isn't one.
    pub fn parse(line: &str) -> Result<Self> {
        serde_json::from_str(line).map_err(|error| Error::invalid("record_invalid", error.to_string()))
    }

    /// The first line for a state that nothing has happened to yet, without a line break.
    pub fn begin(state: &State) -> String {
        line(&serde_json::json!({ "world": state.world(), "policy": state.policy() }))
    }

    /// The line for an event that was taken at `at`.
    pub fn event(at: Seconds, event: &Event) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            at: Seconds,
            event: &'a Event,
        }
        line(&Line { at, event })
    }

    /// The line for what was decided at `at`. Rounds in which nothing happened belong into a recording too.
    pub fn decided(at: Seconds, decisions: &Decisions) -> String {
        line(&Parts { at: Some(at), decided: Some(decisions.into()), ..Parts::default() })
    }
}

/// Compact JSON. All that goes in has names for keys, which is all that writing JSON could stumble over.
fn line(record: &impl Serialize) -> String {
    serde_json::to_string(record).unwrap_or_default()
}
