//! The secrets of webhooks: they sign here, and never leave.

use mfa_ledger_schemas::{CredentialId, Secret, WebhookId, WebhookSigning};
use mfa_ledger_vault::webhook_key::{Scheme, WebhookKey};

use super::{Failure, SecretText, Service, Value};

/// How the vault's keys sign.
pub(super) fn scheme(signing: WebhookSigning) -> Option<Scheme> {
    match signing {
        WebhookSigning::Hmac => Some(Scheme::Hmac),
        WebhookSigning::Ed25519 => Some(Scheme::Ed25519),
        WebhookSigning::Unknown(_) => None,
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
    ) -> Value<String> {
        let now = self.now();
        let known = {
            let state = self.state();
            let it = state.webhooks.get(webhook);
            it.map(|it| (it.signing, it.secret, it.replaced_secret(now)))
        };
        let Some((signing, secret, replaced)) = known else { return Value::None };
        let mut signatures = Vec::new();
        for secret in std::iter::once(secret).chain(replaced) {
            match self.webhook_key(webhook, signing, secret) {
                Value::Known(key) => signatures.push(key.sign(id, unix_seconds, body)),
                Value::None => {}
                Value::Unreadable => return Value::Unreadable,
            }
        }
        if signatures.is_empty() { Value::None } else { Value::Known(signatures.join(" ")) }
    }

    /// The public key that deliveries are checked with, where there is one.
    pub fn webhook_public_key(&self, webhook: WebhookId) -> Value<SecretText> {
        let secret = self.state().webhooks.get(webhook).map(|it| (it.signing, it.secret));
        let Some((WebhookSigning::Ed25519, secret)) = secret else { return Value::None };
        match self.webhook_key(webhook, WebhookSigning::Ed25519, secret) {
            Value::Known(key) => Value::Known(key.receivers()),
            Value::None => Value::None,
            Value::Unreadable => Value::Unreadable,
        }
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
    ) -> Value<WebhookKey> {
        let stored = match self.sealed_entry(secret.bytes(), Secret::WebhookSecret(webhook)) {
            Value::Known(stored) => stored,
            Value::None => return Value::None,
            Value::Unreadable => return Value::Unreadable,
        };
        let key = scheme(signing).and_then(|scheme| WebhookKey::from_bytes(scheme, &stored));
        key.map_or(Value::Unreadable, Value::Known)
    }
}
