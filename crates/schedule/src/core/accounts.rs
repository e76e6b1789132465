//! What tenants use, may use and have used.

use super::{
    Reason,
    reason::Bounded::{self, *},
};
use crate::world::{Quota, Seconds, Tenant, TenantId};
use std::ops::Range;

/// Levels of tenants that fair share compares.
pub(super) const LEVELS: usize = 4;
/// A device in use weighs like this many seconds of service already received.
const PRESENT_SECONDS: f64 = 3600.0;

/// What a running job holds of its tenant's bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hold {
    /// Thousandths of devices, or what processors and memory weigh where they are the larger part.
    pub charge_milli: i64,
    pub device_milli: i64,
    pub cpu_milli: i64,
    /// The longest that it can run.
    pub seconds: Seconds,
    /// The most that it can cost.
    pub micros: i64,
}

impl Hold {
    fn device_seconds(&self) -> i64 {
        self.device_milli.saturating_mul(self.seconds) / 1000
    }

    fn cpu_seconds(&self) -> i64 {
        self.cpu_milli.saturating_mul(self.seconds) / 1000
    }
}

#[derive(Debug, Clone, Default)]
struct Account {
    parent: Option<TenantId>,
    weight: f64,
    quota: Quota,
    bounded: bool,
    balance_micros: Option<i64>,
    held: Hold,
    held_device_seconds: i64,
    held_cpu_seconds: i64,
    jobs: i64,
    /// Faded service received until `counted`, in thousandths of a device times seconds.
    service: f64,
    counted: Seconds,
}

impl Account {
    fn new(tenant: &Tenant) -> Self {
        Self {
            parent: tenant.parent,
            weight: f64::from(tenant.weight.max(1)),
            quota: tenant.quota,
            bounded: tenant.quota != Quota::default(),
            balance_micros: tenant.balance_micros,
            ..Self::default()
        }
    }

    fn service_at(&self, now: Seconds, half_life: f64) -> f64 {
        let passed = (now - self.counted).max(0) as f64;
        let keep = (-passed / half_life).exp2();
        // Service at a constant rate, faded while it was received.
        let since =
            if self.held.charge_milli == 0 { 0.0 } else { (1.0 - keep) * half_life / std::f64::consts::LN_2 };
        self.service * keep + self.held.charge_milli as f64 * since
    }
}

/// All tenants' accounts.
#[derive(Debug, Clone)]
pub(super) struct Accounts {
    accounts: Vec<Account>,
    half_life: f64,
    any_bound: bool,
}

/// How much a tenant has had of its share, from the topmost ancestor down; lower goes first.
pub(super) type Standing = [(f64, TenantId); LEVELS];

impl Accounts {
    pub(super) fn new(tenants: &[Tenant], half_life: Seconds) -> Self {
        let mut accounts = Self {
            accounts: tenants.iter().map(Account::new).collect(),
            half_life: half_life.max(1) as f64,
            any_bound: false,
        };
        accounts.note_bounds();
        accounts
    }

    fn note_bounds(&mut self) {
        self.any_bound =
            self.accounts.iter().any(|account| account.bounded || account.balance_micros.is_some());
    }

    /// Adds a tenant, whose parent must be there.
    pub(super) fn add(&mut self, tenant: &Tenant) {
        self.accounts.push(Account::new(tenant));
        self.note_bounds();
    }

    /// Notes service that was received over `span`, of which the state didn't know at that time.
    pub(super) fn received(
        &mut self,
        tenant: TenantId,
        charge_milli: i64,
        span: Range<Seconds>,
        now: Seconds,
    ) {
        let half_life = self.half_life;
        self.each_up(tenant, |account| {
            account.service = account.service_at(now, half_life);
            account.counted = now.max(account.counted);
            let faded = |moment: Seconds| (-(account.counted - moment) as f64 / half_life).exp2();
            let part = (faded(span.end) - faded(span.start)).max(0.0) * half_life / std::f64::consts::LN_2;
            account.service += charge_milli as f64 * part;
        });
    }

    pub(super) fn set_quota(&mut self, tenant: TenantId, quota: Quota) {
        let account = &mut self.accounts[tenant as usize];
        (account.quota, account.bounded) = (quota, quota != Quota::default());
        self.note_bounds();
    }

    pub(super) fn set_balance(&mut self, tenant: TenantId, balance_micros: Option<i64>) {
        self.accounts[tenant as usize].balance_micros = balance_micros;
        self.note_bounds();
    }

    pub(super) fn set_weight(&mut self, tenant: TenantId, weight: u32) {
        self.accounts[tenant as usize].weight = f64::from(weight.max(1));
    }

    fn each_up(&mut self, tenant: TenantId, mut change: impl FnMut(&mut Account)) {
        let mut next = Some(tenant);
        while let Some(id) = next {
            let account = &mut self.accounts[id as usize];
            change(account);
            next = account.parent;
        }
    }

    /// A job that holds `hold` starts, or has started a while ago.
    pub(super) fn start(&mut self, tenant: TenantId, hold: &Hold, since: Seconds) {
        let counted = self.accounts[tenant as usize].counted;
        if since < counted {
            self.received(tenant, hold.charge_milli, since..counted, counted);
        }
        self.shift(tenant, hold, since, 1);
    }

    /// It ended after `seconds` and cost `micros`.
    pub(super) fn end(&mut self, tenant: TenantId, hold: &Hold, now: Seconds, seconds: Seconds, micros: i64) {
        self.shift(tenant, hold, now, -1);
        if !self.any_bound {
            return;
        }
        let used = Hold { seconds, ..*hold };
        self.each_up(tenant, |account| {
            let reduce = |left: &mut Option<i64>, by: i64| *left = left.map(|left| left.saturating_sub(by));
            reduce(&mut account.quota.device_seconds, used.device_seconds());
            reduce(&mut account.quota.cpu_seconds, used.cpu_seconds());
            reduce(&mut account.balance_micros, micros);
        });
    }

    fn shift(&mut self, tenant: TenantId, hold: &Hold, now: Seconds, sign: i64) {
        let half_life = self.half_life;
        self.each_up(tenant, |account| {
            account.service = account.service_at(now, half_life);
            account.counted = now.max(account.counted);
            account.held.charge_milli += sign * hold.charge_milli;
            account.held.device_milli += sign * hold.device_milli;
            account.held.cpu_milli = account.held.cpu_milli.saturating_add(sign * hold.cpu_milli);
            account.held.micros = account.held.micros.saturating_add(sign * hold.micros);
            account.held_device_seconds =
                account.held_device_seconds.saturating_add(sign * hold.device_seconds());
            account.held_cpu_seconds = account.held_cpu_seconds.saturating_add(sign * hold.cpu_seconds());
            account.jobs += sign;
        });
    }

    /// Why a job that would hold `hold` may not start, where that is so.
    pub(super) fn refuses(&self, tenant: TenantId, hold: &Hold) -> Option<Reason> {
        if !self.any_bound {
            return None;
        }
        let mut next = Some(tenant);
        while let Some(id) = next {
            let account = &self.accounts[id as usize];
            if account.bounded
                && let Some(reason) = account.over_quota(hold)
            {
                return Some(reason);
            }
            if let Some(balance) = account.balance_micros {
                let left = balance.saturating_sub(account.held.micros);
                if hold.micros > left || (balance <= 0 && hold.micros > 0) {
                    return Some(Reason::Balance { needed_micros: hold.micros, left_micros: left });
                }
            }
            next = account.parent;
        }
        None
    }

    /// How much the tenant and those above it have had, for each unit of weight.
    pub(super) fn standing(&self, tenant: TenantId, now: Seconds) -> Standing {
        let mut path = [(0.0, TenantId::MAX); LEVELS];
        let mut next = Some(tenant);
        while let Some(id) = next {
            let account = &self.accounts[id as usize];
            // Trees deeper than LEVELS are compared by their topmost levels.
            let had =
                account.service_at(now, self.half_life) + account.held.charge_milli as f64 * PRESENT_SECONDS;
            path.copy_within(0..LEVELS - 1, 1);
            path[0] = (had / account.weight, id);
            next = account.parent;
        }
        path
    }

    /// Thousandths of devices that the tenant's jobs hold now.
    pub(super) fn in_use(&self, tenant: TenantId) -> i64 {
        self.accounts.get(tenant as usize).map_or(0, |account| account.held.device_milli)
    }

    /// What isn't held of a prepaid balance, for the nearest tenant upwards that has one.
    pub(super) fn left_micros(&self, tenant: TenantId) -> Option<i64> {
        let mut next = Some(tenant);
        while let Some(id) = next {
            let account = &self.accounts[id as usize];
            if let Some(balance) = account.balance_micros {
                return Some(balance.saturating_sub(account.held.micros));
            }
            next = account.parent;
        }
        None
    }
}

impl Account {
    fn over_quota(&self, hold: &Hold) -> Option<Reason> {
        let Quota { device_milli, cpu_milli, device_seconds, cpu_seconds, jobs } = self.quota;
        let bounds: [(Bounded, i64, i64, Option<i64>); 5] = [
            (DeviceMilli, hold.device_milli, self.held.device_milli, device_milli),
            (CpuMilli, hold.cpu_milli, self.held.cpu_milli, cpu_milli),
            (DeviceSeconds, hold.device_seconds(), self.held_device_seconds, device_seconds),
            (CpuSeconds, hold.cpu_seconds(), self.held_cpu_seconds, cpu_seconds),
            (Jobs, 1, self.jobs, jobs),
        ];
        bounds.into_iter().find_map(|(what, asked, used, quota)| {
            let quota = quota?;
            if asked > quota {
                Some(Reason::QuotaTooSmall { what, asked, quota })
            } else if asked > 0 && used.saturating_add(asked) > quota {
                Some(Reason::QuotaInUse { what, used, quota })
            } else {
                None
            }
        })
    }
}
