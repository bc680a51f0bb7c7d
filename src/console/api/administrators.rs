//! `/v1/administrators`.

use std::collections::{BTreeMap, BTreeSet};

use mfa_ledger_schemas::{AdministratorId, Instant, MfaStatus, Position};
use serde::Deserialize;

use super::me::{LastUsed, RoleName};
use super::{Asking, Trouble};

/// An account.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Account {
    pub id: AdministratorId,
    pub user_name: String,
    pub display_name: Option<String>,
    pub emails: Vec<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
    pub role: RoleName,
    pub super_administrator: bool,
    pub active: bool,
    pub frozen: bool,
    pub registered_at: Instant,
    pub last_log_in: Option<Instant>,
    pub password_expires: Option<Instant>,
    /// Not there for those who may not see it.
    pub mfa: Option<Brief>,
}

/// MFA at a glance.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Brief {
    pub status: MfaStatus,
    pub required: bool,
}

/// The guide's "Security Settings section".
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Security {
    pub status: MfaStatus,
    pub required: bool,
    pub enrolled_at: Option<Instant>,
    pub pending_expires: Option<Instant>,
    pub last_used: Option<LastUsed>,
    pub backup_codes_left: Option<u8>,
    pub totp: FactorState,
    pub backup_code: FactorState,
    pub last_reset: Option<LastReset>,
    pub sessions: usize,
    pub device_clock: Option<DeviceClock>,
    /// What of the administrator is damaged.
    #[serde(default)]
    pub unreadable: Vec<String>,
}

/// The failures of one factor.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FactorState {
    pub failures: u32,
    pub locked_until: Option<Instant>,
    pub blocked: bool,
}

/// The last reset.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LastReset {
    pub position: Position,
    pub at: Instant,
    pub danger_window_open: bool,
}

/// A clock that is wrong.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DeviceClock {
    /// Negative when it is slow.
    pub drift_seconds: i64,
}

/// Names of the administrators among these texts, by their ids, as far as the viewer may know them; other texts
/// are none.
pub(crate) async fn names<'a>(
    api: &Asking,
    texts: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let ids: BTreeSet<AdministratorId> = texts.filter_map(|text| text.parse().ok()).collect();
    let mut names = BTreeMap::new();
    for id in ids {
        if let Some(account) = api.find::<Account>(&format!("/v1/administrators/{id}")).await? {
            names.insert(id.to_string(), account.user_name);
        }
    }
    Ok(names)
}

impl Account {
    /// What people call them.
    pub fn shown(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.user_name)
    }
}

#[cfg(test)]
impl Account {
    /// Somebody with MFA, and a name that tries to be more than that.
    pub fn sample(number: u8) -> Self {
        Self {
            id: AdministratorId::from_bytes([number; 16]),
            user_name: format!("dana.reyes{number}"),
            display_name: Some("=cmd()<script>alert(1)</script>".to_owned()),
            emails: vec!["dana@example.org".to_owned()],
            unreadable: number == 2,
            role: RoleName { id: "general-staff".parse().expect("a role id"), name: None },
            super_administrator: number == 2,
            active: number != 3,
            frozen: number == 3,
            registered_at: Instant::default(),
            last_log_in: Some(Instant::from_unix_ms(i64::from(number))),
            password_expires: None,
            mfa: Some(Brief { status: MfaStatus::Enabled, required: true }),
        }
    }
}

#[cfg(test)]
impl Security {
    /// Enrolled, with everything that the section can tell.
    pub fn sample() -> Self {
        let at = Instant::default();
        let factor = FactorState { failures: 3, locked_until: Some(at), blocked: true };
        Self {
            status: MfaStatus::Enabled,
            required: true,
            enrolled_at: Some(at),
            pending_expires: Some(at),
            last_used: Some(LastUsed { method: mfa_ledger_schemas::Factor::Totp, at }),
            backup_codes_left: Some(2),
            totp: factor.clone(),
            backup_code: factor,
            last_reset: Some(LastReset { position: Position(7), at, danger_window_open: true }),
            sessions: 2,
            device_clock: Some(DeviceClock { drift_seconds: -240 }),
            unreadable: ["password", "totp_seed", "backup_codes", "personal_data"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}
