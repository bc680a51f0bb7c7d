//! `/v1/session`.

use mfa_ledger_schemas::{AdministratorId, Instant, SessionStage};
use serde::Deserialize;

/// The session that the viewer's cookie opens.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Session {
    pub administrator: AdministratorId,
    pub user_name: String,
    pub next: SessionStage,
    pub verified_at: Option<Instant>,
    pub password_change_due: bool,
}

/// A second factor that was accepted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Verified {
    pub backup_codes_low: bool,
}
