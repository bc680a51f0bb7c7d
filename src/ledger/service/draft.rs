//! A command in the making: fresh ids, sealed words, and the secret that a decision may name.

use std::sync::Arc;

use mfa_ledger_domain::{Command, Evidence, NewSecret, Prepared, ToSeal};
use mfa_ledger_schemas::bodies::Annex;
use mfa_ledger_schemas::{AdministratorId, CredentialId, Event, Instant, Personal, WebhookSigning};
use mfa_ledger_vault::hashing::HashError;
use mfa_ledger_vault::webhook_key::WebhookKey;
use mfa_ledger_vault::{EntryId, Purpose, SecretText, VaultError, backup_codes, password, totp};
use zeroize::Zeroizing;

use super::duties::Drafted;
use super::{Failure, Service};

/// What the vault is to keep once a record names it.
pub(super) struct Sealed {
    pub id: EntryId,
    pub purpose: Purpose,
    pub owner: [u8; 16],
    pub secret: Zeroizing<Vec<u8>>,
}

/// Drawn once per execution, whatever number of attempts it takes.
pub(super) struct Draft {
    pub prepared: Prepared,
    sealed: Vec<Sealed>,
    pub put: Drafted,
    /// What was generated, for the caller alone.
    pub generated: Vec<SecretText>,
}

impl Service {
    pub(super) fn draft(&self, to_seal: &ToSeal, now: Instant) -> Draft {
        let fresh = || self.chance.uuid_at(now.unix_ms()).into_bytes();
        let (id, credential) = (fresh(), CredentialId::from_bytes(fresh()));
        let (annex, sealed) = self.annex(to_seal, now).unzip();
        Draft {
            prepared: Prepared { id, credential, annex, evidence: Evidence::Nothing },
            sealed: sealed.into_iter().collect(),
            put: Drafted::none(Arc::clone(&self.duties), now),
            generated: Vec::new(),
        }
    }

    fn annex(&self, to_seal: &ToSeal, now: Instant) -> Option<(Annex, Sealed)> {
        match to_seal {
            ToSeal::Nothing => None,
            ToSeal::Words(words) => Some(self.prepare_annex(words, now)),
            ToSeal::Personal(personal) => Some(self.prepare_annex(personal, now)),
            ToSeal::Changed { administrator, display_name, emails } => {
                let before = self.personal_before(*administrator);
                let after =
                    mfa_ledger_domain::changed_personal(before, display_name.clone(), emails.clone(), now);
                Some(self.prepare_annex(&after, now))
            }
        }
    }

    /// What is erased or cannot be read is empty; the doors ask for all of it then.
    fn personal_before(&self, administrator: AdministratorId) -> Personal {
        let annex = self.state().directory.administrator(administrator).and_then(|it| it.personal);
        self.personal(annex).known().unwrap_or_default()
    }

    /// Puts everything that the event names into the vault, drawing and hashing what is not there yet.
    pub(super) async fn materialise(
        &self,
        draft: &mut Draft,
        command: &dyn Command,
        event: &Event,
    ) -> Result<(), Failure> {
        if let Some((credential, kind)) = event.created_secret()
            && !draft.sealed.iter().any(|sealed| sealed.id == credential.bytes())
        {
            let new = command.new_secret(&self.state());
            let new =
                new.ok_or_else(|| Failure::Unavailable("a command makes no secret for its event".into()))?;
            let (generated, secret) = self.draw(new).await?;
            draft.generated = generated;
            let (purpose, owner) = Purpose::of(kind);
            draft.sealed.push(Sealed { id: credential.bytes(), purpose, owner, secret });
        }
        let named = event.named_entries();
        for sealed in &draft.sealed {
            if named.contains(&sealed.id) && !draft.put.has(&sealed.id) {
                draft.put.add(sealed.id);
                self.vault.put(sealed.id, sealed.purpose, sealed.owner, sealed.secret.clone()).await?;
            }
        }
        Ok(())
    }

    /// Makes a secret: what the caller is shown of it, and what the vault keeps.
    async fn draw(&self, new: NewSecret<'_>) -> Result<(Vec<SecretText>, Zeroizing<Vec<u8>>), Failure> {
        Ok(match new {
            NewSecret::TotpSeed => (Vec::new(), totp::Seed::draw(&self.chance).to_vault()),
            NewSecret::BackupCodes => {
                let codes = backup_codes::draw(&self.chance);
                let hashed = self.backup_codes.hash(&codes, self.chance.bytes()).await?;
                (codes.iter().map(backup_codes::BackupCode::text).collect(), hashed)
            }
            NewSecret::GeneratedPassword => {
                let generated: SecretText = password::generate(&self.chance);
                let hashed = self.passwords.hash(&generated, self.chance.bytes()).await?;
                (vec![generated], hashed)
            }
            NewSecret::ChosenPassword(password) => {
                (Vec::new(), self.passwords.hash(password, self.chance.bytes()).await?)
            }
            NewSecret::WebhookKey(signing) => self.draw_webhook_key(signing)?,
        })
    }

    fn draw_webhook_key(
        &self,
        signing: WebhookSigning,
    ) -> Result<(Vec<SecretText>, Zeroizing<Vec<u8>>), Failure> {
        let scheme = super::webhooks::scheme(signing)
            .ok_or_else(|| Failure::Unavailable(format!("{signing} signs nothing").into()))?;
        let key = WebhookKey::draw(scheme, &self.chance);
        Ok((vec![key.receivers()], key.to_vault()))
    }

    /// Destroys what was put and a record does not name, now that its fate is known.
    pub(super) async fn discard(&self, draft: &mut Draft, named: &[EntryId]) {
        let unused = draft.put.settle(named);
        if !unused.is_empty()
            && let Err(error) = self.destroy(&unused).await
        {
            tracing::warn!(%error, "vault entries without a record are still there; a later sweep destroys them");
        }
    }
}
impl From<HashError> for Failure {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            other => Self::Unavailable(other.into()),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::TooLarge => Self::TooLarge,
            other @ (VaultError::Exists
            | VaultError::Mismatch
            | VaultError::Damaged
            | VaultError::Unreadable(_)
            | VaultError::Unavailable(_)) => Self::Vault(other),
        }
    }
}
