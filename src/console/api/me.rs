//! `/v1/me`.

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::{AdministratorId, Factor, Instant, MfaStatus, Permission, RoleId};
use serde::Deserialize;

/// The viewer's own profile.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Profile {
    pub id: AdministratorId,
    pub user_name: String,
    pub display_name: Option<String>,
    pub emails: Vec<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
    pub role: RoleName,
    pub permissions: Vec<Held>,
    pub super_administrator: bool,
    pub mfa: OwnMfa,
    pub password_expires: Option<Instant>,
    pub sessions: Vec<OwnSession>,
}

/// One of the viewer's own sessions.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OwnSession {
    pub current: bool,
    pub started: Instant,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// A permission that the viewer holds.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Held {
    pub permission: Permission,
}

/// A role and its name.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RoleName {
    pub id: RoleId,
    pub name: Option<String>,
}

impl RoleName {
    /// What people call it.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }
}

/// The viewer's own MFA.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OwnMfa {
    pub available: bool,
    pub status: MfaStatus,
    pub required: bool,
    pub enrolled_at: Option<Instant>,
    pub pending_expires: Option<Instant>,
    pub last_used: Option<LastUsed>,
    pub backup_codes_left: Option<u8>,
    pub backup_codes_low: bool,
}

/// When and with what a second factor was last accepted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LastUsed {
    pub method: Factor,
    pub at: Instant,
}

/// A begun enrollment; its secret is not there once it is confirmed or given up.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Begun {
    pub expires: Instant,
    pub manual_key: Option<JsonSecret>,
    pub qr_svg: Option<JsonSecret>,
}

/// Backup codes, as they are shown once.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BackupCodes {
    pub backup_codes: Vec<JsonSecret>,
    pub backup_codes_shown: bool,
}

impl Profile {
    pub fn held(&self) -> Vec<Permission> {
        self.permissions.iter().map(|held| held.permission).collect()
    }
}

#[cfg(test)]
impl Profile {
    /// Somebody who has not enrolled, and whose name tries to be more than that.
    pub fn sample() -> Self {
        Self {
            id: AdministratorId::from_bytes([1; 16]),
            user_name: "hanna.desk".to_owned(),
            display_name: Some("<script>alert(1)</script>".to_owned()),
            emails: vec!["=cmd()@example.org".to_owned(), "hanna@example.org".to_owned()],
            unreadable: true,
            role: RoleName {
                id: "help-desk".parse().expect("a role id"),
                name: Some("Help Desk".to_owned()),
            },
            permissions: vec![Held { permission: Permission::ManageMfa }],
            super_administrator: true,
            mfa: OwnMfa {
                available: true,
                status: MfaStatus::NotEnabled,
                required: false,
                enrolled_at: None,
                pending_expires: None,
                last_used: None,
                backup_codes_left: None,
                backup_codes_low: false,
            },
            password_expires: Some(Instant::default()),
            sessions: vec![OwnSession {
                current: true,
                started: Instant::default(),
                address: Some("192.0.2.1".to_owned()),
                user_agent: Some("<script>alert(1)</script>".to_owned()),
            }],
        }
    }
}
