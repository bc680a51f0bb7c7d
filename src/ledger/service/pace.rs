//! The time of the house, which does not go back when the machine's clock does. Where the newest record is of a
//! time that the clock has not reached (again), the house's time goes on at half the pace of the clock, until
//! that has caught up: sessions and delays end, if later, and the time of records comes near the true one again.

use std::sync::{Mutex, PoisonError};

/// Milliseconds of the clock that make one of the house, while the house is ahead.
const SLOWED: i64 = 2;

/// What was last read and told, both in milliseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Option<Seen>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    clock: i64,
    house: i64,
}

impl Pace {
    /// The time, never earlier than it was, nor than the newest record.
    pub fn time(&self, clock: i64, newest: i64) -> i64 {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = seen.unwrap_or(Seen { clock, house: clock });
        let passed = (clock.saturating_sub(next.clock)).max(0) / SLOWED;
        next = Seen {
            // What is less than one millisecond of the house is kept for the next time.
            clock: clock.min(next.clock.saturating_add(passed.saturating_mul(SLOWED))),
            house: next.house.saturating_add(passed).max(newest),
        };
        if next.house <= clock {
            next = Seen { clock, house: clock };
        }
        *seen = Some(next);
        next.house
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_forward_is_followed() {
        let pace = Pace::default();
        for clock in [5, 5, 6, 1_000, 86_400_000] {
            assert_eq!(pace.time(clock, 0), clock);
        }
    }

    #[test]
    fn one_that_goes_back_is_waited_for_at_half_its_pace() {
        let pace = Pace::default();
        assert_eq!(pace.time(10_000, 0), 10_000);
        assert_eq!(pace.time(4_000, 0), 10_000, "not back");
        assert_eq!(pace.time(4_001, 0), 10_000, "half a millisecond is kept");
        assert_eq!(pace.time(4_002, 0), 10_001);
        assert_eq!(pace.time(3_000, 0), 10_001, "back once more");
        assert_eq!(pace.time(5_000, 0), 11_001);
        assert_eq!(pace.time(17_002, 0), 17_002, "the clock has caught up");
        assert_eq!(pace.time(17_003, 0), 17_003);
    }

    #[test]
    fn a_newest_record_from_the_future_is_where_it_begins() {
        let pace = Pace::default();
        assert_eq!(pace.time(1_000, 50_000), 50_000);
        assert_eq!(pace.time(3_000, 50_000), 51_000);
        assert_eq!(pace.time(3_000, 60_000), 60_000);
        assert_eq!(pace.time(i64::MIN, i64::MAX), i64::MAX);
    }
}
