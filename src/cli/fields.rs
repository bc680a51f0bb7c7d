//! Values of the command line that have a rule. Texts have those of the API: see `api/text.rs`.

use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::several::Several;
use mfa_ledger_api::text::Email;
use mfa_ledger_schemas::Instant;
use mfa_ledger_schemas::limits::EMAILS;

use super::exit::{Exit, Failed};
use super::globals;

/// A member of a closed set, by its name.
macro_rules! one_of {
    ($set:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$set>::ALL.iter().map(|it| it.name())),
            |name| name.parse::<$set>(),
        )
    };
}
pub(super) use one_of;

/// Not more addresses than the API takes.
pub(super) fn emails(addresses: Vec<Email>) -> Result<Several<Email, EMAILS>, Failed> {
    if addresses.len() > EMAILS {
        let message = format!("an administrator has at most {EMAILS} e-mail addresses");
        return Err(Failed::with(Exit::Usage, message));
    }
    Ok(Several(addresses))
}

/// A moment: RFC 3339, or so long ago, as in 90m, 24h or 7d.
pub(super) fn moment(text: &str) -> Result<Instant, String> {
    let ago = text.char_indices().last().and_then(|(end, unit)| {
        let count: i64 = text[..end].parse().ok().filter(|count| *count >= 0)?;
        let minutes = match unit {
            'm' => count,
            'h' => count.checked_mul(60)?,
            'd' => count.checked_mul(24 * 60)?,
            _ => return None,
        };
        Some(Instant::from_unix_ms(globals::clock().unix_ms()).plus_minutes(-minutes))
    });
    let wanted = "an RFC 3339 time such as 2026-05-03T14:05:00Z, or so long ago: 90m, 24h, 7d";
    ago.map_or_else(|| text.parse().map_err(|_| wanted.to_owned()), Ok)
}

/// A moment of the past: a position in digits, or a time as in [`moment`].
pub(super) fn past_moment(text: &str) -> Result<Moment, String> {
    let known = text.parse().or_else(|_| moment(text).map(Moment::At));
    known.map_err(|wanted| format!("a position in the log in digits, {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_so_long_ago() {
        assert_eq!(moment("1970-01-01T00:01:00Z"), Ok(Instant::from_unix_seconds(60)));
        assert!(moment("24h").unwrap() < moment("90m").unwrap());
        assert_eq!(past_moment("24"), Ok("24".parse().unwrap()));
        assert_eq!(past_moment("1970-01-01T00:01:00Z"), Ok("1970-01-01T00:01:00.000Z".parse().unwrap()));
        assert!(past_moment("24h").is_ok() && past_moment("").is_err() && past_moment("tomorrow").is_err());
        assert!(moment("yesterday").is_err() && moment("-3h").is_err() && moment("h").is_err());
    }
}
