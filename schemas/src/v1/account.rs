//! Administrators, passwords, service accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Annex;
use crate::{AdministratorId, AnnexId, CredentialId, Instant, RoleId, Scope, ServiceAccountId};

/// An administrator was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorRegistered {
    pub administrator: AdministratorId,
    pub user_name: String,
    pub role: RoleId,
    pub super_administrator: bool,
    /// The generated password.
    pub password: CredentialId,
    /// From when on the generated password is refused if it was not changed.
    pub password_expires: Instant,
    /// Display name and e-mail addresses.
    pub personal: Annex,
}

/// An administrator's account was changed; what is `null` stayed as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorChanged {
    pub administrator: AdministratorId,
    pub user_name: Option<String>,
    pub super_administrator: Option<bool>,
    /// New display name and e-mail addresses.
    pub personal: Option<Annex>,
    /// The annex that the new one replaces.
    pub replaced: Option<AnnexId>,
}

/// An administrator can no longer log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorDeactivated {
    pub administrator: AdministratorId,
    pub sessions_ended: u32,
    /// Why, in words.
    pub note: Option<Annex>,
}

/// An administrator can log in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorReactivated {
    pub administrator: AdministratorId,
    pub was_frozen: bool,
    /// Why, in words.
    pub note: Option<Annex>,
}

/// An administrator chose a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordSet {
    pub administrator: AdministratorId,
    pub password: CredentialId,
    pub replaced: CredentialId,
    /// Every other session of theirs.
    pub sessions_ended: u32,
}

/// Somebody gave an administrator a generated password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordReset {
    pub administrator: AdministratorId,
    pub password: CredentialId,
    pub replaced: CredentialId,
    pub expires: Instant,
    pub sessions_ended: u32,
}

/// A service account was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceAccountCreated {
    pub service_account: ServiceAccountId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires: Option<Instant>,
}

/// A service account's token no longer works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceAccountRevoked {
    pub service_account: ServiceAccountId,
    pub name: String,
}

/// Sealed values were destroyed; their commitments stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonalDataErased {
    pub administrator: AdministratorId,
    pub annexes: Vec<AnnexId>,
}
