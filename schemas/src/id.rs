//! Ids: 16 bytes when stored, a TypeID (prefix and 26 characters of Crockford base32) when shown.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use smol_str::SmolStr;

use crate::Instant;
use crate::limits::SLUG_CHARS;

/// The text is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct ParseError {
    /// What would have been right.
    pub expected: &'static str,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_CHARS: usize = 26;
/// Every prefix has three letters, and an underscore follows it.
const TEXT_BYTES: usize = 4 + SUFFIX_CHARS;

/// What each byte stands for in the alphabet.
const DIGITS: [Option<u8>; 256] = {
    let mut digits = [None; 256];
    let mut digit: u8 = 0;
    while (digit as usize) < ALPHABET.len() {
        digits[ALPHABET[digit as usize] as usize] = Some(digit);
        digit += 1;
    }
    digits
};

/// The text form of an id.
struct TypeId([u8; TEXT_BYTES]);

impl TypeId {
    fn of(prefix: &'static str, bytes: [u8; 16]) -> Self {
        let value = u128::from_be_bytes(bytes);
        let mut text = [b'_'; TEXT_BYTES];
        text[..prefix.len()].copy_from_slice(prefix.as_bytes());
        for (index, letter) in text[prefix.len() + 1..].iter_mut().enumerate() {
            let shift = 5 * (SUFFIX_CHARS - 1 - index);
            *letter = ALPHABET[((value >> shift) & 31) as usize];
        }
        Self(text)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("prefix and alphabet are ASCII")
    }
}

fn parse_typeid(prefix: &str, text: &str) -> Option<[u8; 16]> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?.as_bytes();
    // 26 characters carry 130 bits: the first may only use its low three.
    if suffix.len() != SUFFIX_CHARS || suffix[0] > b'7' {
        return None;
    }
    let mut value: u128 = 0;
    for byte in suffix {
        let digit = DIGITS[usize::from(*byte)]?;
        value = (value << 5) | u128::from(digit);
    }
    Some(value.to_be_bytes())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; 16]);

        // The order of the bytes, compared as one number: maps of ids are searched all the time.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// What the text form begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// From the 16 bytes of a UUID.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes of the UUID.
            pub const fn bytes(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(TypeId::of($prefix, self.0).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_typeid($prefix, text)
                    .map(Self)
                    .ok_or(ParseError { expected: concat!("an id such as ", $prefix, "_01h455vb4pex5vsknk084sn02q") })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(TypeId::of($prefix, self.0).as_str())
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                } else {
                    <[u8; 16]>::deserialize(deserializer).map(Self)
                }
            }
        }

        crate::set::text_schema!($name, stringify!($name), {
            "type": "string", "pattern": concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")
        });
    )+};
}

ids! {
    /// An administrator.
    AdministratorId "adm",
    /// A session of an administrator.
    SessionId "ses",
    /// A secret in the vault: a password hash, a TOTP seed, a set of backup codes.
    CredentialId "crd",
    /// A sealed value beside the log: personal data or free text.
    AnnexId "anx",
    /// A record, and the CloudEvent made of it.
    EventId "evt",
    /// A request that somebody's MFA be reset.
    ResetRequestId "rrq",
    /// A program that calls the API.
    ServiceAccountId "sva",
    /// An alert.
    AlertId "alr",
    /// A silence over an alert rule.
    SilenceId "sil",
    /// An endpoint that events are delivered to.
    WebhookId "whk",
    /// A log, from its first record on.
    LedgerId "lgr",
}

impl EventId {
    /// The millisecond of the record, which a UUID of version 7 begins with (RFC 9562).
    pub fn millisecond(self) -> Instant {
        let mut number = [0; 8];
        number[2..].copy_from_slice(&self.0[..6]);
        Instant::from_unix_ms(i64::from_be_bytes(number))
    }
}

macro_rules! slugs {
    ($($(#[$doc:meta])* $name:ident $expected:literal,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(SmolStr);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_slug(text) { Ok(Self(text.into())) } else { Err(ParseError { expected: $expected }) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                SmolStr::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        crate::set::text_schema!($name, stringify!($name), {
            "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
        });
    )+};
}

// Short names of small letters, digits and hyphens. Every record names one or two: up to 23 letters take no memory of
// their own.
slugs! {
    /// The id of a role, chosen when the role is defined.
    RoleId "a role id: 1 to 64 of a-z, 0-9 and -, such as help-desk",
    /// The id of a detection rule, as its file states it.
    RuleId "a rule id: 1 to 64 of a-z, 0-9 and -, such as burst-of-resets",
}

impl RoleId {
    /// The role of a super administrator that `init` creates.
    pub fn system_administrator() -> Self {
        Self(SmolStr::new_static("system-administrator"))
    }
}

fn is_slug(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (1..=SLUG_CHARS).contains(&bytes.len())
        && letter(bytes[0])
        && letter(bytes[bytes.len() - 1])
        && bytes.iter().all(|byte| letter(*byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typeid_of_the_specification_reads_and_writes() {
        // The example of the TypeID specification, version 0.3.
        let bytes = 0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881_u128.to_be_bytes();
        let id = AdministratorId::from_bytes(bytes);
        assert_eq!(id.to_string(), "adm_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn a_wrong_prefix_letter_length_or_overflow_is_refused() {
        for text in [
            "ses_01h2xcejqtf2nbrexx3vqjhp41",
            "adm_01h2xcejqtf2nbrexx3vqjhp4",
            "adm_01h2xcejqtf2nbrexx3vqjhp4l",
            "adm_81h2xcejqtf2nbrexx3vqjhp41",
            "adm_01H2XCEJQTF2NBREXX3VQJHP41",
            "",
        ] {
            assert!(text.parse::<AdministratorId>().is_err(), "{text}");
        }
    }

    #[test]
    fn slugs_have_64_letters_at_most() {
        assert!("a".repeat(64).parse::<RoleId>().is_ok());
        for text in ["", "-a", "a-", "A", "a b", &"a".repeat(65)] {
            assert!(text.parse::<RoleId>().is_err(), "{text}");
        }
    }
}
