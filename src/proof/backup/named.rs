//! What a vault lacks of that which a log names.

use mfa_ledger_projections::Secrets;
use mfa_ledger_schemas::{AnnexId, CredentialId, Secret};
use mfa_ledger_vault::EntryId;

use super::Missing;

/// Those entries that are lacking where `there` does not have them, by id.
pub(super) fn missing(secrets: &Secrets, there: impl Fn(&EntryId) -> bool) -> Vec<Missing> {
    let mut lacking: Vec<_> = secrets.iter().filter(|(id, _)| !there(id)).collect();
    lacking.sort_unstable_by_key(|(id, _)| *id);
    lacking.into_iter().map(|(id, secret)| lacks(id, secret)).collect()
}

fn lacks(id: EntryId, secret: Secret) -> Missing {
    let entry = match secret {
        Secret::Annex => AnnexId::from_bytes(id).to_string(),
        Secret::Password(_) | Secret::TotpSeed(_) | Secret::BackupCodes(_) | Secret::WebhookSecret(_) => {
            CredentialId::from_bytes(id).to_string()
        }
    };
    Missing { entry, purpose: secret.name().into(), administrator: secret.administrator() }
}
