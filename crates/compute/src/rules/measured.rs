//! What a run that goes on has used, from one look at it to the next.

use commons::jobs::Usage;
use serde::Serialize;

/// What a run has used up to the last look at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Since its start.
    #[serde(flatten)]
    pub usage: Usage,
    /// Thousandths of cores that it kept busy between the last two looks.
    pub busy_milli: i64,
}

impl Measured {
    /// After one more look; one that saw nothing newer changes nothing.
    pub fn then(self, usage: Usage) -> Self {
        let wall = usage.wall_micros - self.usage.wall_micros;
        if wall <= 0 {
            return self;
        }
        let cpu = (usage.cpu_micros - self.usage.cpu_micros).max(0);
        Self { usage, busy_milli: cpu.saturating_mul(1000) / wall }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_what_was_used_since_the_look_before() {
        let used = |wall_micros, cpu_micros| Usage { wall_micros, cpu_micros, ..Usage::default() };
        let first = Measured::default().then(used(4_000_000, 6_000_000));
        assert_eq!(first.busy_milli, 1500);
        let second = first.then(used(8_000_000, 6_400_000));
        assert_eq!(second.busy_milli, 100);
        assert_eq!(second.then(used(8_000_000, 6_400_000)), second, "the same record read again");
    }
}
