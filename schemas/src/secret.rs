//! What an entry of the vault holds, as the events that name it tell.

use serde::{Deserialize, Serialize};

use crate::{AdministratorId, CredentialId, Event, WebhookId};

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

impl Event {
    /// The credential that the event brings to life, and what it is: its vault entry must lie there before the event is
    /// appended.
    pub fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        match self {
            Self::AdministratorRegistered(it) => Some((it.password, Secret::Password(it.administrator))),
            Self::PasswordSet(it) => Some((it.password, Secret::Password(it.administrator))),
            Self::PasswordReset(it) => Some((it.password, Secret::Password(it.administrator))),
            Self::MfaEnrollmentStarted(it) => Some((it.credential, Secret::TotpSeed(it.administrator))),
            Self::MfaEnabled(it) => Some((it.backup_codes, Secret::BackupCodes(it.administrator))),
            Self::BackupCodesRegenerated(it) => {
                Some((it.backup_codes, Secret::BackupCodes(it.administrator)))
            }
            Self::WebhookCreated(it) => Some((it.secret, Secret::WebhookSecret(it.webhook))),
            Self::WebhookSecretRotated(it) => Some((it.secret, Secret::WebhookSecret(it.webhook))),
            _ => None,
        }
    }

    /// The ids of all vault entries that the event names: its credential and its annexes.
    pub fn named_entries(&self) -> Vec<[u8; 16]> {
        let annexes = self.annexes().into_iter().map(|annex| annex.id.bytes());
        self.created_secret().map(|(id, _)| id.bytes()).into_iter().chain(annexes).collect()
    }
}
