//! The secrets of webhooks: they sign here, and never leave.

use mfa_ledger_schemas::{CredentialId, WebhookId, WebhookSigning};

use super::{Failure, SecretText, Service};
use crate::vault::webhook_key::{Scheme, WebhookKey};
use crate::vault::{Purpose, VaultError};

/// How the vault's keys sign.
pub(super) fn scheme(signing: WebhookSigning) -> Option<Scheme> {
    match signing {
        WebhookSigning::Hmac => Some(Scheme::Hmac),
        WebhookSigning::Ed25519 => Some(Scheme::Ed25519),
        _ => None,
    }
}

impl Service {
    /// The header `webhook-signature` of a delivery: one signature, and for a while after a rotation a second
    /// one with the secret that was replaced. `None` when there is no such endpoint any more.
    pub fn sign_delivery(
        &self,
        webhook: WebhookId,
        id: &str,
        unix_seconds: i64,
        body: &[u8],
    ) -> Result<Option<String>, VaultError> {
        let now = self.now();
        let known = {
            let state = self.state();
            let it = state.webhooks.get(webhook);
            it.map(|it| (it.signing, it.secret, it.replaced_secret(now)))
        };
        let Some((signing, secret, replaced)) = known else { return Ok(None) };
        let mut signatures = Vec::new();
        for secret in std::iter::once(secret).chain(replaced) {
            if let Some(key) = self.webhook_key(webhook, signing, secret)? {
                signatures.push(key.sign(id, unix_seconds, body));
            }
        }
        Ok((!signatures.is_empty()).then(|| signatures.join(" ")))
    }

    /// The public key that deliveries are checked with, where there is one.
    pub fn webhook_public_key(&self, webhook: WebhookId) -> Result<Option<SecretText>, VaultError> {
        let secret = self.state().webhooks.get(webhook).map(|it| (it.signing, it.secret));
        let Some((WebhookSigning::Ed25519, secret)) = secret else { return Ok(None) };
        let key = self.webhook_key(webhook, WebhookSigning::Ed25519, secret)?;
        Ok(key.map(|key| key.receivers()))
    }

    /// Destroys the replaced secret of an endpoint once it signs no more.
    ///
    /// # Errors
    /// [`Failure`] when there is too little room, or the vault cannot be written: it is to be tried again, and
    /// the next start does it as well.
    pub async fn end_replaced_secret(&self, webhook: WebhookId) -> Result<(), Failure> {
        let now = self.now();
        let over = {
            let state = self.state();
            let it = state.webhooks.get(webhook);
            it.and_then(|it| it.replaced).filter(|(_, until)| *until <= now).map(|(secret, _)| secret)
        };
        let Some(secret) = over.filter(|secret| self.vault.holds(secret.bytes())) else { return Ok(()) };
        self.guard.admit().map_err(Failure::ReadOnly)?;
        self.vault.destroy(&[secret.bytes()]).await?;
        Ok(())
    }

    fn webhook_key(
        &self,
        webhook: WebhookId,
        signing: WebhookSigning,
        secret: CredentialId,
    ) -> Result<Option<WebhookKey>, VaultError> {
        let stored = self.vault.read(secret.bytes(), Purpose::WebhookSecret, webhook.bytes())?;
        Ok(stored.zip(scheme(signing)).and_then(|(bytes, scheme)| WebhookKey::from_bytes(scheme, &bytes)))
    }
}
