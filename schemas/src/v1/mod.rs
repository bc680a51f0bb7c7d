//! The bodies of events, version 1. Frozen: a changed event is a new struct with a new version.
//!
//! No field is ever added, removed or moved here. Integers, arrays, `String`, `Vec`, `Option` and the
//! closed sets only: postcard reads anything else as something it is not.

#![expect(
    missing_docs,
    reason = "a field named in the field's standard terms needs no sentence that repeats it"
)]

mod account;
mod activity;
mod alert;
mod integrity;
mod mfa;
mod reset;
mod session;
mod settings;
mod webhook;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use account::*;
pub use activity::*;
pub use alert::*;
pub use integrity::*;
pub use mfa::*;
pub use reset::*;
pub use session::*;
pub use settings::*;
pub use webhook::*;

use crate::AnnexId;

/// The version of these bodies.
pub const VERSION: u16 = 1;

/// A value that lies sealed beside the log: here are its id and its salted commitment
/// (HMAC-SHA256 under a 32-byte salt that lies with the value, in hex).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Annex {
    /// Where the value lies.
    pub id: AnnexId,
    /// Proves later what the value was.
    pub commitment: Commitment,
}

/// 32 bytes, in hex when shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment(pub [u8; 32]);

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl Serialize for Commitment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let mut text = [0; 64];
            data_encoding::HEXLOWER.encode_mut(&self.0, &mut text);
            serializer.serialize_str(std::str::from_utf8(&text).map_err(serde::ser::Error::custom)?)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return <[u8; 32]>::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| serde::de::Error::custom("expected 32 bytes in hex"))
    }
}

crate::set::text_schema!(Commitment, "Commitment", { "type": "string", "pattern": "^[0-9a-f]{64}$" });
