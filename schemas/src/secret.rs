//! What an entry of the vault holds, as the events that name it tell.

use serde::{Deserialize, Serialize};

use crate::{AdministratorId, WebhookId};

/// What an entry holds, and whom it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Secret {
    /// The hash of a password.
    Password(AdministratorId),
    /// The secret shared with an authenticator app.
    TotpSeed(AdministratorId),
    /// The hashes of a set of backup codes.
    BackupCodes(AdministratorId),
    /// What deliveries to a webhook are signed with.
    WebhookSecret(WebhookId),
    /// Personal data or free text. It is bound to its own id alone.
    Annex,
}

impl Secret {
    /// Its kind: `password`, `totp_seed`, `backup_codes`, `webhook_secret` or `annex`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::TotpSeed(_) => "totp_seed",
            Self::BackupCodes(_) => "backup_codes",
            Self::WebhookSecret(_) => "webhook_secret",
            Self::Annex => "annex",
        }
    }

    /// The administrator whose it is; annexes and secrets of webhooks are nobody's.
    pub fn administrator(self) -> Option<AdministratorId> {
        match self {
            Self::Password(id) | Self::TotpSeed(id) | Self::BackupCodes(id) => Some(id),
            Self::WebhookSecret(_) | Self::Annex => None,
        }
    }
}
