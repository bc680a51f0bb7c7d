//! Administrators, passwords, service accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Annex;
use crate::body::Body;
use crate::{AdministratorId, AnnexId, CredentialId, Instant, RoleId, Scope, Secret, ServiceAccountId};

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

impl Body for AdministratorRegistered {
    fn personal(&self) -> Option<&Annex> {
        Some(&self.personal)
    }

    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.password, Secret::Password(self.administrator)))
    }
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

impl Body for AdministratorChanged {
    fn personal(&self) -> Option<&Annex> {
        self.personal.as_ref()
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        self.replaced.iter().map(|id| id.bytes()).collect()
    }
}

/// An administrator can no longer log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorDeactivated {
    pub administrator: AdministratorId,
    pub sessions_ended: u32,
    /// Why, in words.
    pub note: Option<Annex>,
}

impl Body for AdministratorDeactivated {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
}

/// An administrator can log in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdministratorReactivated {
    pub administrator: AdministratorId,
    pub was_frozen: bool,
    /// Why, in words.
    pub note: Option<Annex>,
}

impl Body for AdministratorReactivated {
    fn note(&self) -> Option<&Annex> {
        self.note.as_ref()
    }
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

impl Body for PasswordSet {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.password, Secret::Password(self.administrator)))
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.replaced.bytes()]
    }
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

impl Body for PasswordReset {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.password, Secret::Password(self.administrator)))
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.replaced.bytes()]
    }
}

/// A password was hashed again at the cost of now, when its owner signed in with it. It stays what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordRehashed {
    pub administrator: AdministratorId,
    pub password: CredentialId,
    pub replaced: CredentialId,
}

impl Body for PasswordRehashed {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.password, Secret::Password(self.administrator)))
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        vec![self.replaced.bytes()]
    }
}

/// A service account was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceAccountCreated {
    pub service_account: ServiceAccountId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires: Option<Instant>,
}

impl Body for ServiceAccountCreated {}

/// A service account's token no longer works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceAccountRevoked {
    pub service_account: ServiceAccountId,
    pub name: String,
}

impl Body for ServiceAccountRevoked {}

/// A service account that was suspended when the log was restored works again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceAccountResumed {
    pub service_account: ServiceAccountId,
    pub name: String,
}

impl Body for ServiceAccountResumed {}

/// Sealed values were destroyed; their commitments stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonalDataErased {
    pub administrator: AdministratorId,
    pub annexes: Vec<AnnexId>,
}

impl Body for PersonalDataErased {
    fn ended_entries(&self) -> Vec<[u8; 16]> {
        self.annexes.iter().map(|id| id.bytes()).collect()
    }
}
