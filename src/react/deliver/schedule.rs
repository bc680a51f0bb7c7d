//! When a delivery that failed is tried again.

use std::time::Duration;

/// The waits after the first, second, … failure: as Standard Webhooks recommends, three days and a little.
pub const WAITS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// A receiver that asks for more than this is tried again before it would like.
pub const LONGEST_HOLD: Duration = Duration::from_hours(1);

/// An endpoint that nothing has reached for so long is switched off.
pub const GIVES_UP_AFTER: Duration = Duration::from_hours(5 * 24);

/// The wait after so many failures, up to a tenth longer, so that not everything comes back at once; `None`
/// when it was tried often enough.
pub fn wait(failures: u32, random: [u8; 2]) -> Option<Duration> {
    let wait = WAITS.get(usize::try_from(failures).ok()?.checked_sub(1)?)?;
    let share = f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX);
    Some(*wait + wait.mul_f64(share / 10.0))
}

/// What `Retry-After` asks for (RFC 9110, section 10.2.3): seconds, or a date.
pub fn hold(retry_after: &str, now_unix_ms: i64) -> Option<Duration> {
    let text = retry_after.trim();
    let asked = if let Ok(seconds) = text.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
        Duration::from_millis(u64::try_from(date.saturating_sub(now_unix_ms)).unwrap_or(0))
    };
    Some(asked.min(LONGEST_HOLD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_have_an_end() {
        assert_eq!(wait(1, [0; 2]), Some(Duration::from_secs(5)));
        assert_eq!(wait(1, [0xff; 2]), Some(Duration::from_millis(5_500)));
        assert_eq!(wait(9, [0; 2]), Some(Duration::from_hours(24)));
        assert_eq!((wait(0, [0; 2]), wait(10, [0; 2]), wait(u32::MAX, [0; 2])), (None, None, None));
        assert!(WAITS.is_sorted());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_has_a_cap() {
        assert_eq!(hold("7", 0), Some(Duration::from_secs(7)));
        assert_eq!(hold("3600", 0), Some(LONGEST_HOLD));
        assert_eq!(hold("3601", 0), Some(LONGEST_HOLD));
        assert_eq!(hold("18446744073709551616", 0), None, "a number that is none");
        let now = 1_445_412_480_000;
        assert_eq!(hold("Wed, 21 Oct 2015 07:28:09 GMT", now), Some(Duration::from_secs(9)));
        assert_eq!(hold("Wed, 21 Oct 2015 07:27:09 GMT", now), Some(Duration::ZERO));
        for text in ["", "soon", "-1", "1.5"] {
            assert_eq!(hold(text, 0), None, "{text}");
        }
    }
}
