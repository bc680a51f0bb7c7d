//! The secrets that a log names: what the vault beside it must hold.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{AdministratorId, AnnexId, CredentialId, Event, WebhookId};

use super::Missing;
use crate::vault::{EntryId, Purpose};

/// Annexes are bound to their own id.
const NO_OWNER: [u8; 16] = [0; 16];

/// The entries that live as of a position, each with what it is sealed for.
#[derive(Debug, Default)]
pub(super) struct Named(BTreeMap<EntryId, Of>);

#[derive(Clone, Copy, Debug)]
struct Of {
    purpose: Purpose,
    /// What it is bound to.
    owner: [u8; 16],
    administrator: Option<AdministratorId>,
}

impl Of {
    fn webhook(webhook: WebhookId) -> Self {
        Self { purpose: Purpose::WebhookSecret, owner: webhook.bytes(), administrator: None }
    }
}

impl Named {
    /// Takes the next event in.
    pub fn take(&mut self, event: &Event) -> Result<(), &'static str> {
        for annex in event.annexes() {
            self.0.insert(
                annex.id.bytes(),
                Of { purpose: Purpose::Annex, owner: NO_OWNER, administrator: None },
            );
        }
        for credential in event.created_credentials() {
            let of = of(event).ok_or("it names a secret of a kind that this version does not know")?;
            self.0.insert(credential.bytes(), of);
        }
        if let Event::WebhookSecretRotated(rotated) = event {
            // It signs for a while yet, and then is destroyed without a word: it can be done without.
            self.0.remove(&rotated.replaced.bytes());
        }
        for entry in event.ended_entries() {
            self.0.remove(&entry);
        }
        Ok(())
    }

    pub fn has(&self, id: &EntryId) -> bool {
        self.0.contains_key(id)
    }

    /// What each entry is sealed for: id, purpose, owner.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, Purpose, [u8; 16])> {
        self.0.iter().map(|(id, of)| (*id, of.purpose, of.owner))
    }

    /// Those that are lacking where `there` does not have them.
    pub fn missing(&self, there: impl Fn(&EntryId) -> bool) -> Vec<Missing> {
        let lacking = self.0.iter().filter(|(id, _)| !there(id));
        lacking.map(|(id, of)| missing(*id, *of)).collect()
    }
}

fn of(event: &Event) -> Option<Of> {
    let (purpose, administrator) = match event {
        Event::AdministratorRegistered(body) => (Purpose::Password, body.administrator),
        Event::PasswordSet(body) => (Purpose::Password, body.administrator),
        Event::PasswordReset(body) => (Purpose::Password, body.administrator),
        Event::MfaEnrollmentStarted(body) => (Purpose::TotpSeed, body.administrator),
        Event::MfaEnabled(body) => (Purpose::BackupCodes, body.administrator),
        Event::BackupCodesRegenerated(body) => (Purpose::BackupCodes, body.administrator),
        Event::WebhookCreated(body) => return Some(Of::webhook(body.webhook)),
        Event::WebhookSecretRotated(body) => return Some(Of::webhook(body.webhook)),
        _ => return None,
    };
    Some(Of { purpose, owner: administrator.bytes(), administrator: Some(administrator) })
}

fn missing(id: EntryId, of: Of) -> Missing {
    let purpose = match of.purpose {
        Purpose::TotpSeed => "totp_seed",
        Purpose::BackupCodes => "backup_codes",
        Purpose::Password => "password",
        Purpose::Annex => "annex",
        Purpose::WebhookSecret => "webhook_secret",
    };
    let entry = match of.purpose {
        Purpose::Annex => AnnexId::from_bytes(id).to_string(),
        _ => CredentialId::from_bytes(id).to_string(),
    };
    Missing { entry, purpose: purpose.into(), administrator: of.administrator }
}
