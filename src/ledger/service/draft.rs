//! A command in the making: fresh ids, sealed words, and the secrets that a decision may name.

use std::sync::Arc;

use mfa_ledger_domain::command::SealedWords;
use mfa_ledger_domain::{Caller, Story};
use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, Instant, ResetRequestId, ServiceAccountId, SessionId, SilenceId,
    WebhookId, WebhookSigning,
};
use mfa_ledger_vault::hashing::HashError;
use mfa_ledger_vault::webhook_key::WebhookKey;
use mfa_ledger_vault::{EntryId, Purpose, SecretText, VaultError, backup_codes, password, totp};
use zeroize::Zeroizing;

use super::answer::Drawn;
use super::duties::Drafted;
use super::intent::{Documented, Intent};
use super::{Failure, Personal, Service, Words};

/// What the vault is to keep once a record names it.
pub(super) struct Sealed {
    pub id: EntryId,
    pub purpose: Purpose,
    pub owner: [u8; 16],
    pub secret: Zeroizing<Vec<u8>>,
}

/// Drawn once per execution, whatever number of attempts it takes.
pub(super) struct Draft {
    pub administrator: AdministratorId,
    pub credential: CredentialId,
    pub session: SessionId,
    pub reset_request: ResetRequestId,
    pub service_account: ServiceAccountId,
    pub silence: SilenceId,
    pub webhook: WebhookId,
    pub annex: Option<mfa_ledger_schemas::v1::Annex>,
    sealed: Vec<Sealed>,
    pub put: Drafted,
    pub drawn: Drawn,
}

impl Service {
    pub(super) fn draft(&self, intent: &Intent, now: Instant) -> Draft {
        let fresh = || self.chance.uuid_at(now.unix_ms()).into_bytes();
        let annex = self.annex_of(intent, now);
        let (annex, sealed) = annex.map_or((None, Vec::new()), |(annex, sealed)| (Some(annex), vec![sealed]));
        Draft {
            administrator: AdministratorId::from_bytes(fresh()),
            credential: CredentialId::from_bytes(fresh()),
            session: SessionId::from_bytes(fresh()),
            reset_request: ResetRequestId::from_bytes(fresh()),
            service_account: ServiceAccountId::from_bytes(fresh()),
            silence: SilenceId::from_bytes(fresh()),
            webhook: WebhookId::from_bytes(fresh()),
            annex,
            sealed,
            put: Drafted::none(Arc::clone(&self.duties), now),
            drawn: Drawn::new(),
        }
    }

    fn annex_of(&self, intent: &Intent, now: Instant) -> Option<(mfa_ledger_schemas::v1::Annex, Sealed)> {
        let words = match intent {
            Intent::RegisterAdministrator { display_name, emails, .. } => {
                let personal = Personal { display_name: display_name.clone(), emails: emails.clone() };
                return Some(self.prepare_annex(&personal, now));
            }
            Intent::ChangeAdministrator { administrator, display_name, emails, .. } => {
                return self.changed_personal(*administrator, display_name.as_ref(), emails.as_ref(), now);
            }
            Intent::ResetMfa { documented, .. } | Intent::RequestMfaReset { documented, .. } => Some(Words {
                requester_name: documented.requester_name.clone(),
                requester_contact: documented.requester_contact.clone(),
                text: documented.reason_text.clone(),
            }),
            Intent::DeactivateAdministrator { note, .. }
            | Intent::ReactivateAdministrator { note, .. }
            | Intent::ApproveMfaReset { note, .. }
            | Intent::DeclineMfaReset { note, .. }
            | Intent::RecordFollowUp { note, .. }
            | Intent::RepudiateReset { note, .. }
            | Intent::AcknowledgeAlert { note, .. }
            | Intent::ResolveAlert { note, .. }
            | Intent::SilenceRule { note, .. } => Words::text(note.clone()),
            Intent::ReportSuspiciousRequest { description, .. } => Words::text(description.clone()),
            _ => None,
        };
        words.and_then(|words| self.prepare_words(&words, now))
    }

    fn changed_personal(
        &self,
        administrator: AdministratorId,
        display_name: Option<&String>,
        emails: Option<&Vec<String>>,
        now: Instant,
    ) -> Option<(mfa_ledger_schemas::v1::Annex, Sealed)> {
        if display_name.is_none() && emails.is_none() {
            return None;
        }
        let before = self.state().directory.administrator(administrator).and_then(|it| it.personal);
        // What is erased or cannot be read is empty; the doors ask for all of it then.
        let mut personal = self.personal(before).known().unwrap_or_default();
        personal.display_name = display_name.cloned().unwrap_or(personal.display_name);
        personal.emails = emails.cloned().unwrap_or(personal.emails);
        Some(self.prepare_annex(&personal, now))
    }

    /// Puts everything that the event names into the vault, drawing and hashing what is not there yet.
    pub(super) async fn materialise(
        &self,
        draft: &mut Draft,
        intent: &Intent,
        event: &Event,
    ) -> Result<(), Failure> {
        if let Some((credential, kind)) = event.created_secret()
            && !draft.sealed.iter().any(|sealed| sealed.id == credential.bytes())
        {
            let secret = self.draw(draft, intent, event, credential).await?;
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

    async fn draw(
        &self,
        draft: &mut Draft,
        intent: &Intent,
        event: &Event,
        credential: CredentialId,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match event {
            Event::WebhookCreated(event) => self.draw_webhook_key(draft, event.signing, credential),
            Event::WebhookSecretRotated(event) => self.draw_webhook_key(draft, event.signing, credential),
            Event::MfaEnrollmentStarted(_) => Ok(totp::Seed::draw(&self.chance).to_vault()),
            Event::MfaEnabled(_) | Event::BackupCodesRegenerated(_) => {
                self.draw_codes(draft, credential).await
            }
            Event::AdministratorRegistered(_) | Event::PasswordReset(_) => {
                self.draw_password(draft, credential).await
            }
            Event::PasswordSet(_) => match intent {
                Intent::SetPassword { new, .. } => Ok(self.passwords.hash(new, self.chance.bytes()).await?),
                _ => Err(Failure::Unavailable("a password was set by another command".into())),
            },
            other => Err(Failure::Unavailable(
                format!("{} names a secret that nothing draws", other.action()).into(),
            )),
        }
    }

    async fn draw_codes(&self, draft: &mut Draft, id: CredentialId) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let codes = backup_codes::draw(&self.chance);
        let hashed = self.backup_codes.hash(&codes, self.chance.bytes()).await?;
        draft.drawn.insert(id, codes.iter().map(backup_codes::BackupCode::text).collect());
        Ok(hashed)
    }

    async fn draw_password(
        &self,
        draft: &mut Draft,
        id: CredentialId,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let generated: SecretText = password::generate(&self.chance);
        let hashed = self.passwords.hash(&generated, self.chance.bytes()).await?;
        draft.drawn.insert(id, vec![generated]);
        Ok(hashed)
    }

    fn draw_webhook_key(
        &self,
        draft: &mut Draft,
        signing: WebhookSigning,
        id: CredentialId,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let scheme = super::webhooks::scheme(signing)
            .ok_or_else(|| Failure::Unavailable(format!("{signing} signs nothing").into()))?;
        let key = WebhookKey::draw(scheme, &self.chance);
        draft.drawn.insert(id, vec![key.receivers()]);
        Ok(key.to_vault())
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

impl Documented {
    pub(super) fn story(&self, draft: &Draft) -> Story {
        Story {
            reason: self.reason,
            verification: self.verification,
            requested_at: self.requested_at,
            ticket: self.ticket.clone(),
            words: draft.annex.clone(),
            has: SealedWords {
                requester_name: self.requester_name.is_some(),
                requester_contact: self.requester_contact.is_some(),
                reason_text: self.reason_text.is_some(),
            },
            reset_request: self.reset_request,
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

/// The administrator in whose session a caller acts.
pub(super) fn own(caller: &Caller) -> Option<AdministratorId> {
    match caller {
        Caller::Session { administrator, .. } => Some(*administrator),
        _ => None,
    }
}
