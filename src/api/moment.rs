//! A moment of the past, as people name it.

use std::fmt;
use std::str::FromStr;

use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A moment: right behind a record, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Right behind a record.
    Position(Position),
    /// A time: all records up to it, those of the very millisecond among them.
    At(Instant),
}

/// The text names no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position in the log in digits, or an RFC 3339 time such as 2026-05-03T14:05:00Z")]
pub struct NotAMoment;

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        if !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit()) {
            // What the document's `int64` cannot hold is no position.
            let position = text.parse::<i64>().ok().and_then(|position| u64::try_from(position).ok());
            return position.map(|position| Self::Position(Position(position))).ok_or(NotAMoment);
        }
        text.parse().map(Self::At).map_err(|_| NotAMoment)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => position.fmt(f),
            Self::At(at) => at.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let day = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
        let time =
            r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
        let pattern = format!("^([0-9]{{1,18}}|{day}T{time})$");
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
    }
}

impl ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_position_and_everything_else_a_time() {
        assert_eq!("7".parse(), Ok(Moment::Position(Position(7))));
        let at = Instant::from_unix_seconds(60);
        assert_eq!("1970-01-01T00:01:00Z".parse(), Ok(Moment::At(at)));
        assert_eq!(Moment::At(at).to_string().parse(), Ok(Moment::At(at)));
        assert_eq!("9223372036854775807".parse(), Ok(Moment::Position(Position(i64::MAX as u64))));
        for nonsense in ["", " ", "-1", "+7", "1.5", "yesterday", "9223372036854775808", "2026-05-03", "٧"] {
            assert_eq!(nonsense.parse::<Moment>(), Err(NotAMoment), "{nonsense:?}");
        }
    }
}
