//! `/v1/diff`.

use mfa_ledger_schemas::{AdministratorId, Instant, Position};
use serde::Deserialize;
use serde_json::Value;

/// What differs between two moments.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Difference {
    pub from: Stand,
    pub to: Stand,
    pub administrators: Vec<OfAdministrator>,
    pub roles: Vec<OfRole>,
    pub settings: Vec<Field>,
}

/// A moment, and the last record up to it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Stand {
    pub position: Position,
    pub at: Instant,
}

/// What differs of one account.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OfAdministrator {
    pub administrator: AdministratorId,
    pub user_name: String,
    pub appeared: bool,
    pub changes: Vec<Field>,
}

/// What differs of one role.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OfRole {
    pub name: String,
    pub appeared: bool,
    pub changes: Vec<Field>,
}

/// One fact at the two moments.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Field {
    #[serde(rename = "field")]
    pub name: String,
    pub before: Value,
    pub after: Value,
}
