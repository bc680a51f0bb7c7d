//! The streams of the log: what a decision can rest on, each with a position of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::id::ParseError;
use crate::{AdministratorId, AlertId, RoleId, RuleId, ServiceAccountId, WebhookId};

/// The name of a stream. Stored as a number for its kind and the id's bytes; shown as `kind/id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamName {
    /// Registrations and user names.
    Directory,
    /// The system-wide settings.
    Settings,
    /// One administrator, after the registration.
    Administrator(AdministratorId),
    /// One role.
    Role(RoleId),
    /// One service account.
    ServiceAccount(ServiceAccountId),
    /// One alert rule.
    Rule(RuleId),
    /// One alert.
    Alert(AlertId),
    /// Log-ins under user names that nobody has: apart from the directory, so that guessing holds up
    /// nobody whose command rests on it.
    Strangers,
    /// What operators did to the log's own evidence.
    Ledger,
    /// One endpoint that events are delivered to.
    Webhook(WebhookId),
}

impl StreamName {
    /// The kind alone, as in NATS subjects.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Settings => "settings",
            Self::Administrator(_) => "administrator",
            Self::Role(_) => "role",
            Self::ServiceAccount(_) => "service-account",
            Self::Rule(_) => "rule",
            Self::Alert(_) => "alert",
            Self::Strangers => "strangers",
            Self::Ledger => "ledger",
            Self::Webhook(_) => "webhook",
        }
    }

    /// As it is stored: the number of its kind, and the bytes of the id.
    fn serialize_parts<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = |kind: u8, id: &[u8]| (kind, id).serialize(serializer);
        match self {
            Self::Directory => stored(1, &[]),
            Self::Settings => stored(2, &[]),
            Self::Administrator(id) => stored(3, &id.bytes()),
            Self::Role(id) => stored(4, id.as_str().as_bytes()),
            Self::ServiceAccount(id) => stored(5, &id.bytes()),
            Self::Rule(id) => stored(6, id.as_str().as_bytes()),
            Self::Alert(id) => stored(7, &id.bytes()),
            Self::Strangers => stored(8, &[]),
            Self::Ledger => stored(9, &[]),
            Self::Webhook(id) => stored(10, &id.bytes()),
        }
    }

    fn from_parts(kind: u8, id: &[u8]) -> Option<Self> {
        let bytes = || <[u8; 16]>::try_from(id).ok();
        let text = || std::str::from_utf8(id).ok();
        match kind {
            1 if id.is_empty() => Some(Self::Directory),
            2 if id.is_empty() => Some(Self::Settings),
            3 => Some(Self::Administrator(AdministratorId::from_bytes(bytes()?))),
            4 => Some(Self::Role(text()?.parse().ok()?)),
            5 => Some(Self::ServiceAccount(ServiceAccountId::from_bytes(bytes()?))),
            6 => Some(Self::Rule(text()?.parse().ok()?)),
            7 => Some(Self::Alert(AlertId::from_bytes(bytes()?))),
            8 if id.is_empty() => Some(Self::Strangers),
            9 if id.is_empty() => Some(Self::Ledger),
            10 => Some(Self::Webhook(WebhookId::from_bytes(bytes()?))),
            _ => None,
        }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory | Self::Settings | Self::Strangers | Self::Ledger => f.write_str(self.kind()),
            Self::Administrator(id) => write!(f, "administrator/{id}"),
            Self::Role(id) => write!(f, "role/{id}"),
            Self::ServiceAccount(id) => write!(f, "service-account/{id}"),
            Self::Rule(id) => write!(f, "rule/{id}"),
            Self::Webhook(id) => write!(f, "webhook/{id}"),
            Self::Alert(id) => write!(f, "alert/{id}"),
        }
    }
}

impl FromStr for StreamName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once('/').unwrap_or((text, ""));
        match kind {
            "directory" if id.is_empty() => Ok(Self::Directory),
            "settings" if id.is_empty() => Ok(Self::Settings),
            "strangers" if id.is_empty() => Ok(Self::Strangers),
            "ledger" if id.is_empty() => Ok(Self::Ledger),
            "administrator" => Ok(Self::Administrator(id.parse()?)),
            "role" => Ok(Self::Role(id.parse()?)),
            "service-account" => Ok(Self::ServiceAccount(id.parse()?)),
            "rule" => Ok(Self::Rule(id.parse()?)),
            "alert" => Ok(Self::Alert(id.parse()?)),
            "webhook" => Ok(Self::Webhook(id.parse()?)),
            _ => {
                Err(ParseError { expected: "a stream such as administrator/adm_01h455vb4pex5vsknk084sn02q" })
            }
        }
    }
}

impl Serialize for StreamName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.serialize_parts(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for StreamName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(de::Error::custom);
        }
        let (kind, id) = <(u8, Vec<u8>)>::deserialize(deserializer)?;
        Self::from_parts(kind, &id).ok_or_else(|| de::Error::custom("not a stream"))
    }
}

crate::set::text_schema!(StreamName, "StreamName", {
    "type": "string", "description": "kind/id, for example administrator/adm_01h455vb4pex5vsknk084sn02q"
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_reads_back_from_text_and_from_bytes() {
        let streams = [
            StreamName::Directory,
            StreamName::Settings,
            StreamName::Administrator(AdministratorId::from_bytes([1; 16])),
            StreamName::Role(RoleId::system_administrator()),
            StreamName::ServiceAccount(ServiceAccountId::from_bytes([2; 16])),
            StreamName::Rule("burst-of-resets".parse().expect("a rule id")),
            StreamName::Alert(AlertId::from_bytes([3; 16])),
            StreamName::Strangers,
            StreamName::Webhook(WebhookId::from_bytes([4; 16])),
        ];
        for stream in streams {
            assert_eq!(stream.to_string().parse().as_ref(), Ok(&stream));
            let bytes = postcard::to_stdvec(&stream).expect("encodes");
            assert_eq!(postcard::from_bytes::<StreamName>(&bytes).as_ref(), Ok(&stream));
        }
        for text in ["strangers/1", "directory/x", "settings/x", "administrator", "role/", "nothing"] {
            assert!(text.parse::<StreamName>().is_err(), "{text}");
        }
    }
}
