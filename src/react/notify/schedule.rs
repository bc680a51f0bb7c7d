//! When it is tried again, and when no more.

use std::time::Duration;

use mfa_ledger_base::back_off::BackOff;
use mfa_ledger_schemas::Instant;

/// A notice that nobody has taken for so many hours has failed.
pub const GIVE_UP_HOURS: i64 = 24;

/// The wait for a host that cannot be reached.
pub const HOST_PAUSES: BackOff = BackOff::new(Duration::from_secs(1), Duration::from_mins(5));

/// The wait for a message that the host does not take now.
pub const MESSAGE_PAUSES: BackOff = BackOff::new(Duration::from_secs(10), Duration::from_hours(1));

/// The wait for a result that could not be recorded.
pub const RECORD_PAUSES: BackOff = BackOff::new(Duration::from_secs(1), Duration::from_mins(1));

/// When to try again after so many failures in a row.
pub(super) fn again(pauses: BackOff, failures: u32, now: Instant) -> Instant {
    now.plus_seconds(i64::try_from(pauses.after(failures).as_secs()).unwrap_or(i64::MAX))
}

/// Whether it is time to give up what has been waiting since a moment.
pub(super) fn is_over(since: Instant, now: Instant) -> bool {
    now >= since.plus_hours(GIVE_UP_HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_have_an_end() {
        let now = Instant::from_unix_seconds(1_000);
        let wait = |failures| again(HOST_PAUSES, failures, now).unix_seconds() - 1_000;
        assert_eq!([wait(1), wait(2), wait(9), wait(10), wait(u32::MAX)], [1, 2, 256, 300, 300]);
        assert_eq!(again(MESSAGE_PAUSES, 31, now).unix_seconds() - 1_000, 3_600);
    }

    #[test]
    fn a_day_is_long_enough() {
        let since = Instant::from_unix_seconds(0);
        assert!(!is_over(since, Instant::from_unix_ms(24 * 3_600_000 - 1)));
        assert!(is_over(since, Instant::from_unix_ms(24 * 3_600_000)));
    }
}
