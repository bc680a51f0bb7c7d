//! Values of the command line that have a rule; the API has the same ones.

use mfa_ledger_schemas::{Instant, limits};

use super::exit::{Exit, Failed};
use super::globals;
use crate::service::Moment;

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

/// A user name: 1 to 64 of A-Z, a-z, 0-9 and . _ @ + -
pub(super) fn user_name(text: &str) -> Result<String, String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._@+-".contains(letter);
    let fits = (1..=limits::USER_NAME_CHARS).contains(&text.chars().count()) && text.chars().all(allowed);
    fits.then(|| text.to_owned()).ok_or_else(|| "1 to 64 of A-Z, a-z, 0-9 and . _ @ + -".to_owned())
}

/// A name of a person, or a way to reach somebody.
pub(super) fn name(text: &str) -> Result<String, String> {
    line(text, limits::NAME_CHARS)
}

/// The reference of a ticket.
pub(super) fn ticket(text: &str) -> Result<String, String> {
    line(text, limits::TICKET_CHARS)
}

/// Free text.
pub(super) fn free_text(text: &str) -> Result<String, String> {
    let fits = (1..=limits::TEXT_CHARS).contains(&text.chars().count());
    fits.then(|| text.to_owned()).ok_or_else(|| format!("1 to {} characters", limits::TEXT_CHARS))
}

/// An e-mail address.
pub(super) fn email(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.split('@').collect();
    let graphic = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = text.len() <= limits::EMAIL_CHARS && parts.len() == 2 && parts.iter().all(graphic);
    fits.then(|| text.to_owned()).ok_or_else(|| "an e-mail address of at most 254 characters".to_owned())
}

/// Not more addresses than the API takes.
pub(super) fn emails(addresses: &[String]) -> Result<(), Failed> {
    let fits = addresses.len() <= limits::EMAILS;
    fits.then_some(()).ok_or_else(|| {
        Failed::with(Exit::Usage, format!("an administrator has at most {} e-mail addresses", limits::EMAILS))
    })
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

fn line(text: &str, most: usize) -> Result<String, String> {
    let fits = (1..=most).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or_else(|| format!("1 to {most} characters on one line, no blanks at the ends"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_rules_of_the_api() {
        assert!(user_name("ada.l@x+1").is_ok() && user_name("").is_err() && user_name("a b").is_err());
        assert!(user_name(&"a".repeat(64)).is_ok() && user_name(&"a".repeat(65)).is_err());
        assert!(email("a@b").is_ok() && email("a@b@c").is_err() && email("ä@b").is_err());
        assert!(name("Ada Lovelace").is_ok() && name(" Ada").is_err() && name("a\nb").is_err());
    }

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
