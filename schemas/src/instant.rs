//! A moment in time.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in UTC with millisecond precision: microseconds since 1970 in stored bytes, RFC 3339 with
/// exactly three decimals in JSON (so that text order is time order).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// From milliseconds since 1970.
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// From seconds since 1970.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Milliseconds since 1970.
    pub fn unix_ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Seconds since 1970, rounded down.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The moment `seconds` later (earlier when negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The moment `minutes` later.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_seconds(minutes.saturating_mul(60))
    }

    /// The moment `hours` later.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus_minutes(hours.saturating_mul(60))
    }

    /// Whole seconds from `earlier` to here, rounded up, never negative.
    pub fn seconds_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0).div_ceil(1_000_000)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Out of jiff's range (year 9999 and beyond) only for forged input: shown as the raw number.
        match Timestamp::from_millisecond(self.unix_ms()) {
            Ok(timestamp) => write!(f, "{timestamp:.3}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// The moments that can be read, in milliseconds since 1970: from 0000-01-01T00:00:00.000Z, where RFC 3339
/// begins, to 9999-12-30T22:00:00.000Z, the last that can be shown in every time zone.
const READABLE_MS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_207_200_000;

/// The text is not an RFC 3339 moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as 2026-05-03T14:05:00.000Z")]
pub struct ParseInstantError;

impl FromStr for Instant {
    type Err = ParseInstantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !has_an_offset_of_a_day(text) {
            return Err(ParseInstantError);
        }
        let timestamp: Timestamp = text.parse().map_err(|_| ParseInstantError)?;
        // What could not be shown again in the same form is no moment either.
        let ms = Some(timestamp.as_millisecond()).filter(|ms| READABLE_MS.contains(ms));
        ms.map(Self::from_unix_ms).ok_or(ParseInstantError)
    }
}

/// The hours of an offset end at 23 (RFC 3339, 5.6); the library takes two more.
fn has_an_offset_of_a_day(text: &str) -> bool {
    let time = text.find(['T', 't', ' ']).and_then(|at| text.get(at..)).unwrap_or_default();
    let hours = time
        .rfind(['+', '-'])
        .and_then(|at| time.get(at + 1..at + 3))
        .and_then(|hours| hours.parse::<u8>().ok());
    hours.is_none_or(|hours| hours <= 23)
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}

crate::set::text_schema!(Instant, "Instant", {
    "type": "string", "format": "date-time", "description": "RFC 3339, UTC, milliseconds"
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_three_decimals_and_reads_back() {
        let instant = Instant::from_unix_ms(1_777_817_100_050);
        assert_eq!(instant.to_string(), "2026-05-03T14:05:00.050Z");
        assert_eq!(instant.to_string().parse(), Ok(instant));
        assert_eq!("yesterday".parse::<Instant>(), Err(ParseInstantError));
    }

    #[test]
    fn the_first_and_the_last_moment_read_back_and_those_beyond_do_not_read() {
        for text in ["0000-01-01T00:00:00.000Z", "9999-12-30T22:00:00.000Z"] {
            assert_eq!(text.parse::<Instant>().expect("it reads").to_string(), text);
        }
        for text in ["-000001-12-31T23:59:59.999Z", "9999-12-30T22:00:00.001Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(text.parse::<Instant>(), Err(ParseInstantError), "{text}");
        }
    }

    #[test]
    fn an_offset_is_less_than_a_day() {
        for (text, reads) in [
            ("2026-05-03T14:05:00+23:59", true),
            ("2026-05-03T14:05:00-23:59", true),
            ("2026-05-03T14:05:00+24:00", false),
            ("2026-05-03T14:05:00-25:00", false),
        ] {
            assert_eq!(text.parse::<Instant>().is_ok(), reads, "{text}");
        }
    }

    #[test]
    fn seconds_since_rounds_up_and_never_goes_below_zero() {
        let start = Instant::from_unix_ms(1_000);
        assert_eq!(Instant::from_unix_ms(1_001).seconds_since(start), 1);
        assert_eq!(start.seconds_since(Instant::from_unix_ms(5_000)), 0);
    }
}
