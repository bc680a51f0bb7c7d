//! Personal data and free text: sealed in the vault, committed to in the log.

use mfa_ledger_schemas::bodies::{Annex, Commitment};
use mfa_ledger_schemas::{AnnexId, Instant, Personal, Secret, Words};
use mfa_ledger_vault::{Purpose, annex};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::draft::Sealed;
use super::{Service, Value};

/// The salt in front of the value.
const SALT_BYTES: usize = 32;

impl Service {
    /// Prepares a value: the annex for the record, and what the vault is to keep once the record is decided.
    pub(super) fn prepare_annex<T: Serialize>(&self, value: &T, now: Instant) -> (Annex, Sealed) {
        let json = Zeroizing::new(serde_json::to_vec(value).expect("names and texts are JSON"));
        let made = annex::seal_value(&json, &self.chance);
        let id = AnnexId::from_bytes(*self.chance.uuid_at(now.unix_ms()).as_bytes());
        let (purpose, owner) = Purpose::of(Secret::Annex);
        let sealed = Sealed { id: id.bytes(), purpose, owner, secret: made.salted };
        (Annex { id, commitment: Commitment(made.commitment) }, sealed)
    }

    /// Display name and e-mail addresses, while they exist.
    pub fn personal(&self, id: Option<AnnexId>) -> Value<Personal> {
        id.map_or(Value::None, |id| self.annex_value(id))
    }

    /// The words of a record, while they exist.
    pub fn words(&self, id: Option<AnnexId>) -> Value<Words> {
        id.map_or(Value::None, |id| self.annex_value(id))
    }

    fn annex_value<T: DeserializeOwned>(&self, id: AnnexId) -> Value<T> {
        let salted = match self.sealed_entry(id.bytes(), Secret::Annex) {
            Value::Known(salted) => salted,
            Value::None => return Value::None,
            Value::Unreadable => return Value::Unreadable,
        };
        let value = salted.get(SALT_BYTES..).and_then(|json| serde_json::from_slice(json).ok());
        value.map_or(Value::Unreadable, Value::Known)
    }
}
