//! Endpoints that events are delivered to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::{CredentialId, Instant, Position, Secret, WebhookFault, WebhookForm, WebhookId, WebhookSigning};

/// An endpoint is told of events from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookCreated {
    pub webhook: WebhookId,
    /// Where to.
    pub url: String,
    /// Of which actions: `mfa.reset`, or all that begin so: `alert.`.
    pub actions: Vec<String>,
    pub form: WebhookForm,
    pub signing: WebhookSigning,
    /// What it is for.
    pub description: String,
    pub secret: CredentialId,
}

impl Body for WebhookCreated {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.secret, Secret::WebhookSecret(self.webhook)))
    }
}

/// An endpoint was changed; what is `null` stayed as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookChanged {
    pub webhook: WebhookId,
    pub url: Option<String>,
    pub actions: Option<Vec<String>>,
    pub form: Option<WebhookForm>,
    pub description: Option<String>,
    /// Whether anything is delivered to it.
    pub active: Option<bool>,
}

impl Body for WebhookChanged {}

/// Deliveries to an endpoint are signed with a new secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookSecretRotated {
    pub webhook: WebhookId,
    pub signing: WebhookSigning,
    pub secret: CredentialId,
    /// Signs beside the new one for a while.
    pub replaced: CredentialId,
    /// Until when it does.
    pub signs_until: Instant,
    /// One that was replaced before, and signs no more.
    pub ended: Option<CredentialId>,
}

impl Body for WebhookSecretRotated {
    fn created_secret(&self) -> Option<(CredentialId, Secret)> {
        Some((self.secret, Secret::WebhookSecret(self.webhook)))
    }

    fn ended_entries(&self) -> Vec<[u8; 16]> {
        self.ended.iter().map(|id| id.bytes()).collect()
    }
}

/// Nothing is delivered to an endpoint any more, and its secrets are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookRemoved {
    pub webhook: WebhookId,
    pub secrets: Vec<CredentialId>,
}

impl Body for WebhookRemoved {
    fn ended_entries(&self) -> Vec<[u8; 16]> {
        self.secrets.iter().map(|id| id.bytes()).collect()
    }
}

/// The system delivers nothing to an endpoint until somebody switches it on again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookDisabled {
    pub webhook: WebhookId,
    pub fault: WebhookFault,
    /// Since when nothing has reached it.
    pub since: Option<Instant>,
}

impl Body for WebhookDisabled {}

/// Somebody asked for a delivery to see whether it arrives: this event is what is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookTested {
    pub webhook: WebhookId,
}

impl Body for WebhookTested {}

/// Somebody asked that a record be delivered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryResent {
    pub webhook: WebhookId,
    /// Of the record.
    pub position: Position,
}

impl Body for DeliveryResent {}
