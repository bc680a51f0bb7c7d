//! What differs between two moments.

use mfa_ledger_schemas::{AdministratorId, Instant, Position, RoleId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What differs between two moments: of accounts, roles and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The earlier moment.
    pub from: Stand,
    /// The later one.
    pub to: Stand,
    /// Whether what is of MFA is left out: MFA is off system-wide, or the caller does not hold `manage-mfa`. Left out
    /// where it is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub mfa_hidden: bool,
    /// The accounts that differ, by id.
    pub administrators: Vec<AdministratorDifference>,
    /// The roles that differ, by id.
    pub roles: Vec<RoleDifference>,
    /// The settings that differ, by name.
    pub settings: Vec<FieldDifference>,
}

/// A moment, and the last record up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MomentOfTheLog)]
pub struct Stand {
    /// The last record up to the moment.
    pub position: Position,
    /// The moment.
    pub at: Instant,
}

/// What differs of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AdministratorDifference {
    /// Whose.
    pub administrator: AdministratorId,
    /// The user name at the later moment.
    pub user_name: String,
    /// Whether the account was not there at the earlier moment.
    pub appeared: bool,
    /// What of it.
    pub changes: Vec<FieldDifference>,
}

/// What differs of one role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoleDifference {
    /// Which.
    #[schema(value_type = String)]
    pub role: RoleId,
    /// The name at the later moment.
    pub name: String,
    /// Whether the role was not there at the earlier moment.
    pub appeared: bool,
    /// What of it.
    pub changes: Vec<FieldDifference>,
}

/// One fact at the two moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldDifference {
    /// Which fact, such as `mfa_status`.
    pub field: String,
    /// What it was; `null` where there was none.
    pub before: Value,
    /// What it was then; `null` where there was none.
    pub after: Value,
}
