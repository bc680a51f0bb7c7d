//! Whether the clock can be right: records carry its time for ever.

use mfa_ledger_schemas::Instant;

use super::synchronised::synchronised;
use super::{Context, Outcome};

/// 2026-01-01, before which this program was not there.
const NOT_BEFORE_MS: i64 = 1_767_225_600_000;
/// 2100-01-01.
const NOT_AFTER_MS: i64 = 4_102_444_800_000;
/// Milliseconds that the newest record may be ahead: one that is made while this looks.
const AHEAD_MS: i64 = 2_000;

const ADVICE: &str = "set the clock, and keep it right with chrony, systemd-timesyncd or ntpd";

pub(super) fn check(context: &Context) -> Outcome {
    let seen = context.look.as_ref().ok().and_then(|look| look.log.as_ref().ok());
    judge(context.now_ms, seen.and_then(|seen| seen.newest), synchronised)
}

fn judge(now_ms: i64, newest: Option<Instant>, synchronised: impl FnOnce() -> Option<bool>) -> Outcome {
    let now = Instant::from_unix_ms(now_ms);
    if !(NOT_BEFORE_MS..NOT_AFTER_MS).contains(&now_ms) {
        return Outcome::fail(format!("it is {now} by this clock, which cannot be"), ADVICE);
    }
    if let Some(newest) = newest.filter(|newest| newest.unix_ms() > now_ms + AHEAD_MS) {
        return Outcome::fail(
            format!("it is {now} by this clock, and the newest record is of {newest}"),
            "either the clock is slow, or it was fast when the record was made: records keep the time of the \
             newest one until the clock has caught up. Set the clock, and note down when it was wrong",
        );
    }
    match synchronised() {
        Some(true) => Outcome::ok(format!("it is {now}, and the clock is synchronised")),
        Some(false) => Outcome::warn(format!("it is {now}, and the clock is not synchronised"), ADVICE),
        None => Outcome::ok(format!("it is {now}; whether the clock is synchronised is not told here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn the_year_the_newest_record_and_the_kernel_are_asked() {
        let now = 1_777_885_200_000;
        let status = |now, newest: Option<i64>, synchronised| {
            judge(now, newest.map(Instant::from_unix_ms), || synchronised).status
        };
        assert_eq!(status(now, Some(now + AHEAD_MS), Some(true)), Status::Ok);
        assert_eq!(status(now, Some(now + AHEAD_MS + 1), Some(true)), Status::Fail);
        assert_eq!(status(NOT_BEFORE_MS, None, Some(true)), Status::Ok);
        assert_eq!(status(NOT_BEFORE_MS - 1, None, Some(true)), Status::Fail);
        assert_eq!(status(NOT_AFTER_MS - 1, None, Some(true)), Status::Ok);
        assert_eq!(status(NOT_AFTER_MS, None, Some(true)), Status::Fail);
        assert_eq!(status(now, None, Some(false)), Status::Warn);
        assert_eq!(status(now, None, None), Status::Ok);
    }
}
