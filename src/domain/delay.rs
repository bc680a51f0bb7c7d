//! Growing delays after failures.

use mfa_ledger_projections::Throttle;
use mfa_ledger_schemas::Instant;

/// Failures in a row that cost nothing yet.
pub const FREE_FAILURES: u32 = 4;
/// The longest delay, in seconds.
pub const LONGEST_DELAY: i64 = 900;

/// The moment before which nothing is looked at, when that is still to come.
pub(super) fn wait(throttle: Throttle, now: Instant) -> Option<Instant> {
    throttle.next_attempt.filter(|next| *next > now)
}

/// The counter after one more failure.
pub(super) fn after_failure(throttle: Throttle, now: Instant) -> Throttle {
    let consecutive = throttle.consecutive.saturating_add(1);
    let doublings = consecutive.saturating_sub(FREE_FAILURES + 1);
    let seconds = 1_i64.checked_shl(doublings).filter(|seconds| (1..LONGEST_DELAY).contains(seconds));
    let next_attempt =
        (consecutive > FREE_FAILURES).then(|| now.plus_seconds(seconds.unwrap_or(LONGEST_DELAY)));
    Throttle { consecutive, next_attempt }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_after_the_free_failures_double_and_end_at_the_longest() {
        let now = Instant::from_unix_seconds(1_000_000);
        let delay = |consecutive| {
            after_failure(Throttle { consecutive, next_attempt: None }, now)
                .next_attempt
                .map(|next| next.unix_seconds() - now.unix_seconds())
        };
        assert_eq!(delay(FREE_FAILURES - 1), None);
        assert_eq!(delay(FREE_FAILURES), Some(1));
        assert_eq!(delay(FREE_FAILURES + 1), Some(2));
        assert_eq!(delay(FREE_FAILURES + 9), Some(512));
        assert_eq!(delay(FREE_FAILURES + 10), Some(LONGEST_DELAY));
        assert_eq!(delay(u32::MAX), Some(LONGEST_DELAY));
    }
}
