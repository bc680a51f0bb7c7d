//! What a caller alone is shown with an answer.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{AdministratorId, CredentialId, Event, Record, Secret};
use mfa_ledger_vault::tokens::TokenKind;
use mfa_ledger_vault::{SecretText, VaultError, totp};

use super::Service;
use super::draft::Draft;

/// Secrets and tokens that go into one answer; never recorded, never traced.
#[derive(Debug, Default)]
pub struct Shown {
    /// The token of a session or service account.
    pub token: Option<SecretText>,
    /// A generated password; shown once.
    pub password: Option<SecretText>,
    /// A pending seed; shown until it is confirmed.
    pub enrollment: Option<EnrollmentShown>,
    /// New backup codes; shown once.
    pub backup_codes: Vec<SecretText>,
    /// What the receiver of deliveries checks them with; shown once.
    pub webhook_key: Option<SecretText>,
}

/// A pending seed in the forms that authenticator apps take.
#[derive(Debug)]
pub struct EnrollmentShown {
    /// `otpauth://` URI.
    pub uri: SecretText,
    /// The seed in base32, in groups, to be typed.
    pub manual_key: SecretText,
    /// The URI as a QR code, in SVG.
    pub qr_svg: SecretText,
}

/// The code drawn for a secret that the record only names.
pub(super) type Drawn = BTreeMap<CredentialId, Vec<SecretText>>;

impl Service {
    /// What the record lets its caller see; `draft` is absent for a repeated answer.
    pub(super) fn shown(&self, record: &Record, draft: Option<&Draft>) -> Result<Shown, VaultError> {
        let drawn =
            |id: CredentialId| draft.and_then(|draft| draft.drawn.get(&id)).cloned().unwrap_or_default();
        let mut shown = Shown::default();
        match &record.event {
            Event::SessionStarted(event) => {
                shown.token = Some(self.tokens.mint(TokenKind::Session, event.session.bytes()));
            }
            Event::ServiceAccountCreated(event) => {
                shown.token =
                    Some(self.tokens.mint(TokenKind::ServiceAccount, event.service_account.bytes()));
            }
            Event::AdministratorRegistered(event) => shown.password = drawn(event.password).pop(),
            Event::PasswordReset(event) => shown.password = drawn(event.password).pop(),
            Event::MfaEnabled(event) => shown.backup_codes = drawn(event.backup_codes),
            Event::BackupCodesRegenerated(event) => shown.backup_codes = drawn(event.backup_codes),
            Event::WebhookCreated(event) => shown.webhook_key = drawn(event.secret).pop(),
            Event::WebhookSecretRotated(event) => shown.webhook_key = drawn(event.secret).pop(),
            Event::MfaEnrollmentStarted(event) => {
                let account = &record.actor.name;
                shown.enrollment = self.enrollment(event.administrator, event.credential, account)?;
            }
            _ => {}
        }
        Ok(shown)
    }

    fn enrollment(
        &self,
        administrator: AdministratorId,
        credential: CredentialId,
        account: &str,
    ) -> Result<Option<EnrollmentShown>, VaultError> {
        let pending = {
            let state = self.state();
            let known = state.directory.administrator(administrator);
            known.is_some_and(|it| {
                it.mfa.pending.as_ref().is_some_and(|pending| pending.credential == credential)
            })
        };
        if !pending {
            return Ok(None);
        }
        let stored = self.sealed(credential, Secret::TotpSeed(administrator));
        let Some(seed) = stored.and_then(|bytes| totp::Seed::from_bytes(&bytes)) else { return Ok(None) };
        let issuer = self.state().directory.settings().map(|it| it.issuer.clone()).unwrap_or_default();
        let uri = seed.uri(&issuer, account);
        let qr_svg = totp::qr_svg(&uri).map_err(|_| VaultError::TooLarge)?;
        Ok(Some(EnrollmentShown { manual_key: seed.manual_key(), uri, qr_svg }))
    }
}
