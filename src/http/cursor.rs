//! Cursors: where a page ends, and in which ledger.
//!
//! Behind the position or id stands a tag of the ledger. One of another ledger would be read without an error, and
//! skip entries or show some again; so it is refused. A position or id alone, which a caller may make up, has no tag.

use std::fmt;

use mfa_ledger_schemas::{AdministratorId, LedgerId, Position, RoleId, ServiceAccountId, WebhookId};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::App;
use super::problem::Problem;

/// Characters of a tag: the last of the ledger's id, 40 bits that were drawn by chance.
const TAG_CHARS: usize = 8;
/// Between mark and tag: needs no escape in an address.
const BETWEEN: char = '~';

/// What a page can end with.
pub(crate) trait Mark: Clone + Send + Sized {
    /// What it looks like, as a regular expression.
    fn pattern() -> String;
    /// From text.
    fn read(text: &str) -> Option<Self>;
}

impl Mark for Position {
    fn pattern() -> String {
        "[0-9]{1,18}".to_owned()
    }

    /// A position that the document's `int64` could hold.
    fn read(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
        let position = digits.then(|| text.parse::<i64>().ok()).flatten()?;
        u64::try_from(position).ok().map(Self)
    }
}

macro_rules! ids {
    ($($name:ident)+) => {$(
        impl Mark for $name {
            fn pattern() -> String {
                format!("{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}", Self::PREFIX)
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}

ids! { AdministratorId ServiceAccountId WebhookId }

impl Mark for RoleId {
    fn pattern() -> String {
        "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?".to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Where a page is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor<M> {
    mark: M,
    tag: Option<String>,
}

// A name for each: the OpenAPI document is made of names without parameters.

/// `after` of a list by positions.
pub(crate) type PositionCursor = Cursor<Position>;
/// `after` of a list by the ids of administrators.
pub(crate) type AdministratorCursor = Cursor<AdministratorId>;
/// `after` of a list by the ids of service accounts.
pub(crate) type ServiceAccountCursor = Cursor<ServiceAccountId>;
/// `after` of a list by the ids of endpoints.
pub(crate) type WebhookCursor = Cursor<WebhookId>;
/// `after` of a list by the ids of roles.
pub(crate) type RoleCursor = Cursor<RoleId>;

/// What such a name stands for.
pub(crate) trait Behind {
    type Mark: Mark;
}

impl<M: Mark> Behind for Cursor<M> {
    type Mark = M;
}

/// The text of `next`: behind this entry.
pub(crate) fn behind(app: &App, mark: impl fmt::Display) -> String {
    format!("{mark}{BETWEEN}{}", tag(app.service.ledger()))
}

fn tag(ledger: LedgerId) -> String {
    let text = ledger.to_string();
    text[text.len() - TAG_CHARS..].to_owned()
}

impl<M: Mark> Cursor<M> {
    /// What the page before ended with, if that was a page of this ledger.
    pub fn mark(self, app: &App) -> Result<M, Problem> {
        self.of(app.service.ledger())
    }

    fn of(self, ledger: LedgerId) -> Result<M, Problem> {
        match self.tag {
            Some(given) if given != tag(ledger) => Err(Problem::new("foreign-cursor")),
            _ => Ok(self.mark),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (mark, tag) = match text.split_once(BETWEEN) {
            Some((mark, tag)) => (mark, Some(tag)),
            None => (text, None),
        };
        let drawn = |tag: &str| {
            let letter = |it: u8| it.is_ascii_digit() || (it.is_ascii_lowercase() && !b"ilou".contains(&it));
            tag.len() == TAG_CHARS && tag.bytes().all(letter)
        };
        let tag_fits = tag.is_none_or(drawn);
        let mark = tag_fits.then(|| M::read(mark)).flatten()?;
        Some(Self { mark, tag: tag.map(str::to_owned) })
    }
}

impl<'de, M: Mark> Deserialize<'de> for Cursor<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("`next` of the page before"))
    }
}

impl<M: Mark> utoipa::PartialSchema for Cursor<M> {
    fn schema() -> RefOr<Schema> {
        let pattern = format!("^{}({BETWEEN}[0-9a-hjkmnp-tv-z]{{{TAG_CHARS}}})?$", M::pattern());
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
    }
}

impl<M: Mark> utoipa::ToSchema for Cursor<M> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(byte: u8) -> LedgerId {
        LedgerId::from_bytes([byte; 16])
    }

    #[test]
    fn a_cursor_is_of_one_ledger_and_a_bare_mark_of_any() {
        let text = format!("7~{}", tag(ledger(1)));
        let cursor = Cursor::<Position>::parse(&text).unwrap();
        assert_eq!(cursor.clone().of(ledger(1)).ok(), Some(Position(7)));
        assert_eq!(cursor.of(ledger(2)).map_err(|it| it.said.code), Err("foreign-cursor".to_owned()));
        let bare = Cursor::<Position>::parse("7").unwrap();
        assert_eq!(bare.of(ledger(2)).ok(), Some(Position(7)));
        let role = Cursor::<RoleId>::parse(&format!("help-desk~{}", tag(ledger(1)))).unwrap();
        assert_eq!(role.of(ledger(1)).unwrap().as_str(), "help-desk");
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in [
            "",
            "~",
            "7~",
            "~01234567",
            "7~0123456",
            "7~012345678",
            "7~0123456l",
            "7~0123456A",
            "+7",
            "x",
            "٧",
        ] {
            assert_eq!(Cursor::<Position>::parse(text), None, "{text:?}");
        }
        assert_eq!(Cursor::<Position>::parse("9223372036854775808"), None);
        assert!(Cursor::<Position>::parse("9223372036854775807").is_some());
    }
}
