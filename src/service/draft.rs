//! A command in the making: fresh ids, sealed words, and the secrets that a decision may name.

use std::collections::BTreeSet;

use mfa_ledger_schemas::{
    AdministratorId, CredentialId, Event, Instant, ResetRequestId, ServiceAccountId, SessionId, SilenceId,
    WebhookId, WebhookSigning,
};
use zeroize::Zeroizing;

use super::answer::Drawn;
use super::intent::{Documented, Intent};
use super::{Failure, Personal, Service, Words};
use crate::domain::command::SealedWords;
use crate::domain::{Caller, Story};
use crate::vault::hashing::HashError;
use crate::vault::webhook_key::WebhookKey;
use crate::vault::{EntryId, Purpose, SecretText, VaultError, backup_codes, password, totp};

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
    put: BTreeSet<EntryId>,
    pub drawn: Drawn,
}

impl Service {
    pub(super) fn draft(&self, intent: &Intent, now: Instant) -> Result<Draft, Failure> {
        let [administrator, credential, session, reset_request, service_account, silence, webhook] =
            self.chance.uuids_at(now.unix_ms()).map(uuid::Uuid::into_bytes);
        let annex = self.annex_of(intent, now)?;
        let (annex, sealed) = annex.map_or((None, Vec::new()), |(annex, sealed)| (Some(annex), vec![sealed]));
        Ok(Draft {
            administrator: AdministratorId::from_bytes(administrator),
            credential: CredentialId::from_bytes(credential),
            session: SessionId::from_bytes(session),
            reset_request: ResetRequestId::from_bytes(reset_request),
            service_account: ServiceAccountId::from_bytes(service_account),
            silence: SilenceId::from_bytes(silence),
            webhook: WebhookId::from_bytes(webhook),
            annex,
            sealed,
            put: BTreeSet::new(),
            drawn: Drawn::new(),
        })
    }

    fn annex_of(
        &self,
        intent: &Intent,
        now: Instant,
    ) -> Result<Option<(mfa_ledger_schemas::v1::Annex, Sealed)>, Failure> {
        let words = match intent {
            Intent::RegisterAdministrator { display_name, emails, .. } => {
                let personal = Personal { display_name: display_name.clone(), emails: emails.clone() };
                return Ok(Some(self.prepare_annex(&personal, now)));
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
        Ok(words.and_then(|words| self.prepare_words(&words, now)))
    }

    fn changed_personal(
        &self,
        administrator: AdministratorId,
        display_name: Option<&String>,
        emails: Option<&Vec<String>>,
        now: Instant,
    ) -> Result<Option<(mfa_ledger_schemas::v1::Annex, Sealed)>, Failure> {
        if display_name.is_none() && emails.is_none() {
            return Ok(None);
        }
        let before = self.state().directory.administrator(administrator).and_then(|it| it.personal);
        let mut personal = self.personal(before).map_err(Failure::from)?.unwrap_or_default();
        personal.display_name = display_name.cloned().unwrap_or(personal.display_name);
        personal.emails = emails.cloned().unwrap_or(personal.emails);
        Ok(Some(self.prepare_annex(&personal, now)))
    }

    /// Puts everything that the event names into the vault, drawing and hashing what is not there yet.
    pub(super) async fn materialise(
        &self,
        draft: &mut Draft,
        intent: &Intent,
        event: &Event,
    ) -> Result<(), Failure> {
        for credential in event.created_credentials() {
            if !draft.sealed.iter().any(|sealed| sealed.id == credential.bytes()) {
                let sealed = self.draw(draft, intent, event, credential).await?;
                draft.sealed.push(sealed);
            }
        }
        let named: BTreeSet<EntryId> = event
            .created_credentials()
            .into_iter()
            .map(CredentialId::bytes)
            .chain(event.annexes().into_iter().map(|annex| annex.id.bytes()))
            .collect();
        for sealed in &draft.sealed {
            if named.contains(&sealed.id) && !draft.put.contains(&sealed.id) {
                self.vault.put(sealed.id, sealed.purpose, sealed.owner, sealed.secret.clone()).await?;
                draft.put.insert(sealed.id);
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
    ) -> Result<Sealed, Failure> {
        let (owner, purpose, secret) = match event {
            Event::WebhookCreated(event) => {
                let secret = self.draw_webhook_key(draft, event.signing, credential)?;
                return Ok(webhook_secret(event.webhook, credential, secret));
            }
            Event::WebhookSecretRotated(event) => {
                let secret = self.draw_webhook_key(draft, event.signing, credential)?;
                return Ok(webhook_secret(event.webhook, credential, secret));
            }
            Event::MfaEnrollmentStarted(event) => {
                (event.administrator, Purpose::TotpSeed, totp::Seed::draw(&self.chance).to_vault())
            }
            Event::MfaEnabled(event) => {
                (event.administrator, Purpose::BackupCodes, self.draw_codes(draft, credential).await?)
            }
            Event::BackupCodesRegenerated(event) => {
                (event.administrator, Purpose::BackupCodes, self.draw_codes(draft, credential).await?)
            }
            Event::AdministratorRegistered(event) => {
                (event.administrator, Purpose::Password, self.draw_password(draft, credential).await?)
            }
            Event::PasswordReset(event) => {
                (event.administrator, Purpose::Password, self.draw_password(draft, credential).await?)
            }
            Event::PasswordSet(event) => {
                let Intent::SetPassword { new, .. } = intent else {
                    return Err(Failure::Unavailable("a password was set by another command".into()));
                };
                (event.administrator, Purpose::Password, self.passwords.hash(new, self.chance.bytes()).await?)
            }
            other => {
                return Err(Failure::Unavailable(
                    format!("{} names a secret nobody draws", other.action()).into(),
                ));
            }
        };
        Ok(Sealed { id: credential.bytes(), purpose, owner: owner.bytes(), secret })
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

    /// Destroys what was put for a record that did not come to be.
    pub(super) async fn discard(&self, draft: &Draft, kept: Option<&Event>) {
        let kept: BTreeSet<EntryId> = kept.map_or_else(BTreeSet::new, |event| {
            let credentials = event.created_credentials().into_iter().map(CredentialId::bytes);
            credentials.chain(event.annexes().into_iter().map(|annex| annex.id.bytes())).collect()
        });
        let orphans: Vec<EntryId> = draft.put.difference(&kept).copied().collect();
        if !orphans.is_empty()
            && let Err(error) = self.vault.destroy(&orphans).await
        {
            tracing::warn!(%error, "vault entries without a record stay until the next start");
        }
    }
}

fn webhook_secret(webhook: WebhookId, credential: CredentialId, secret: Zeroizing<Vec<u8>>) -> Sealed {
    Sealed { id: credential.bytes(), purpose: Purpose::WebhookSecret, owner: webhook.bytes(), secret }
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
