//! Texts of the API: each kind has one rule, which parsing and the OpenAPI document share.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use mfa_ledger_base::email::{self, is_address};
use mfa_ledger_base::wiped::{JsonSecret, SecretText};
use mfa_ledger_schemas::limits;
use serde::{Deserialize, Deserializer, Serialize, de};

/// So many characters of a text, or all of it.
pub fn beginning(text: &str, chars: usize) -> &str {
    // As many bytes are as many characters at most.
    if text.len() <= chars {
        return text;
    }
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident { min: $min:expr, max: $max:expr, allows: $allows:expr, pattern: $pattern:expr, says: $says:literal })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            fn of(text: String) -> Result<Self, &'static str> {
                let allows: fn(&str) -> bool = $allows;
                let fits = ($min..=$max).contains(&text.chars().count()) && allows(&text);
                if fits { Ok(Self(text)) } else { Err($says) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, &'static str> {
                Self::of(text.to_owned())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::of(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .pattern(Some($pattern))
                    .description(Some($says))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

impl From<UserName> for Name {
    /// Each user name is a name.
    fn from(user_name: UserName) -> Self {
        Self(user_name.into_inner())
    }
}

/// Longest issuer, in characters.
const ISSUER_CHARS: usize = 64;

/// One line, no control characters, no blanks at its ends.
fn line(text: &str) -> bool {
    text.trim() == text && !text.chars().any(char::is_control)
}

/// Whether a reader sees something: a blank note is none.
fn is_visible(text: &str) -> bool {
    text.chars().any(|letter| {
        !letter.is_whitespace()
            && !letter.is_control()
            && !INVISIBLE.iter().any(|range| range.contains(&letter))
    })
}

/// What leaves no mark: `Default_Ignorable_Code_Point` of Unicode 16, and the empty Braille pattern.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// How long a text becomes in JSON, without the quotes around it.
fn json_bytes(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| b"\"\\\n\t".contains(byte)).count()
}

fn user_name(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._@+-".contains(letter))
}

text_types! {
    /// A user name.
    UserName {
        min: 1, max: limits::USER_NAME_CHARS, allows: user_name, pattern: r"^[A-Za-z0-9._@+-]+$",
        says: "1 to 64 of A-Z, a-z, 0-9 and . _ @ + -"
    }
    /// A name of a person, role or program, or a way to reach somebody.
    Name {
        min: 1, max: limits::NAME_CHARS, allows: |text| line(text) && is_visible(text),
        pattern: r"^([^\x00-\x1f\x7f-\x9f\x20\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8]|[^\x00-\x1f\x7f-\x9f\x20\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8][^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|[^\x00-\x1f\x7f-\x9f\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\x20\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8]|[^\x00-\x1f\x7f-\x9f\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\x20\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8][^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])$",
        says: "1 to 200 characters on one line, not all of them invisible, no blanks at the ends"
    }
    /// An e-mail address.
    Email {
        min: 3, max: limits::EMAIL_CHARS,
        allows: is_address, pattern: email::PATTERN,
        says: "one e-mail address of at most 254 characters, such as jane@example.org, and nothing beside it"
    }
    /// What authenticator apps show as the issuer. Longer ones make QR codes that cameras cannot read.
    Issuer {
        min: 1, max: ISSUER_CHARS, allows: |text| line(text) && !text.contains(':'),
        pattern: r"^[^:\x00-\x20\x7f-\xa0]([^:\x00-\x1f\x7f-\x9f]*[^:\x00-\x20\x7f-\xa0])?$",
        says: "1 to 64 characters on one line, no colon, no blanks at the ends"
    }
    /// Free text.
    Text {
        min: 1, max: limits::TEXT_CHARS,
        allows: |text| is_visible(text)
            && !text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t'),
        pattern: r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\x20\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$",
        says: "1 to 1000 characters without control characters, not all of them blank or invisible"
    }
    /// A ticket reference.
    Ticket {
        min: 1, max: limits::TICKET_CHARS, allows: |text| text.bytes().all(|byte| byte.is_ascii_graphic()),
        pattern: r"^[!-~]+$", says: "1 to 64 visible ASCII characters"
    }
    /// Where events are delivered to.
    WebhookUrl {
        min: 1, max: limits::WEBHOOK_URL_CHARS,
        allows: |text| ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\<>^`{|}".contains(&byte)),
        pattern: r"^https?://[!#-;=?-\[\]_a-z~]+$",
        says: "an https:// address of at most 1000 characters"
    }
    /// The subject of a notice.
    NoticeSubject {
        min: 1, max: limits::NOTICE_SUBJECT_BYTES,
        allows: |text| line(text) && json_bytes(text) <= limits::NOTICE_SUBJECT_BYTES,
        pattern: r"^[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$",
        says: "at most 200 bytes of UTF-8 on one line, no blanks at the ends; quotes and backslashes count twice"
    }
    /// A text of a notice.
    Notice {
        min: 1, max: limits::NOTICE_BYTES,
        allows: |text| json_bytes(text) <= limits::NOTICE_BYTES
            && !text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t'),
        pattern: r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$",
        says: "at most 1250 bytes of UTF-8 without control characters; quotes, backslashes, tabs and line ends count twice"
    }
}

/// A secret that somebody typed: a password, a code. Wiped when dropped, blind when debugged.
#[derive(Clone, Debug)]
pub struct Typed(pub SecretText);

/// Longest typed secret, in characters.
pub const TYPED_CHARS: usize = 256;

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let JsonSecret(text) = JsonSecret::deserialize(deserializer)?;
        if (1..=TYPED_CHARS).contains(&text.expose().chars().count()) {
            Ok(Self(text))
        } else {
            Err(de::Error::custom("1 to 256 characters"))
        }
    }
}

impl utoipa::PartialSchema for Typed {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(TYPED_CHARS))
            .description(Some("1 to 256 characters"))
            .into()
    }
}

impl utoipa::ToSchema for Typed {
    fn name() -> std::borrow::Cow<'static, str> {
        "Typed".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_254_characters_at_most() {
        let host = vec!["b".repeat(55); 4].join(".");
        let address = |chars: usize| format!("{}@{host}", "a".repeat(chars - host.len() - 1));
        let fits = |chars| address(chars).parse::<Email>().is_ok();
        assert_eq!((fits(limits::EMAIL_CHARS), fits(limits::EMAIL_CHARS + 1)), (true, false));
    }

    #[test]
    fn a_text_that_shows_nothing_is_none() {
        for blank in
            ["", " ", "   ", "\n\t", "\u{a0}", "\u{200b}", "\u{2800}\u{3164}", "\u{ad} \u{feff}", "\u{e0041}"]
        {
            assert!(blank.parse::<Text>().is_err(), "{blank:?}");
            assert!(blank.parse::<Name>().is_err(), "{blank:?}");
        }
        for seen in ["a", ".", "é", "日本", "❤\u{fe0f}", "\u{200f}שלום", "क\u{200d}ष"] {
            assert!(seen.parse::<Text>().is_ok() && seen.parse::<Name>().is_ok(), "{seen:?}");
        }
        assert!(" spaced\n".parse::<Text>().is_ok() && " spaced".parse::<Name>().is_err());
    }

    #[test]
    fn a_beginning_has_so_many_characters_and_is_cut_between_them() {
        for (text, beginning_of_two) in
            [("", ""), ("a", "a"), ("ab", "ab"), ("abc", "ab"), ("žluť", "žl"), ("ž", "ž")]
        {
            assert_eq!(beginning(text, 2), beginning_of_two, "{text}");
        }
    }
}
