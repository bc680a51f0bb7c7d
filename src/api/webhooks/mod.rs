//! Endpoints that events are delivered to.

mod actions;

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_schemas::limits::WEBHOOK_ACTIONS;
use mfa_ledger_schemas::{Instant, Position, WebhookFault, WebhookForm, WebhookId, WebhookSigning};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::several::Several;
use crate::text::{Name, WebhookUrl};

pub use self::actions::{Actions, DEFAULT};

/// What is to change; the rest stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct WebhookChange {
    #[schema(nullable = false)]
    pub url: Option<WebhookUrl>,
    #[schema(value_type = Vec<Actions>, min_items = 1, max_items = 32, nullable = false)]
    pub actions: Option<Several<Actions, WEBHOOK_ACTIONS>>,
    #[schema(nullable = false)]
    pub form: Option<WebhookForm>,
    #[schema(nullable = false)]
    pub description: Option<Name>,
    /// Whether anything is delivered to it; what happens while it is off is not delivered later.
    #[schema(nullable = false)]
    pub active: Option<bool>,
}

/// An endpoint, and what it is to be told of.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    pub url: WebhookUrl,
    /// Of which actions; of alerts and resets when absent.
    #[schema(value_type = Vec<Actions>, min_items = 1, max_items = 32, nullable = false)]
    pub actions: Option<Several<Actions, WEBHOOK_ACTIONS>>,
    /// In which form; `cloudevents` when absent.
    #[schema(nullable = false)]
    pub form: Option<WebhookForm>,
    /// How deliveries are signed; `hmac` when absent.
    #[schema(nullable = false)]
    pub signing: Option<WebhookSigning>,
    /// What it is for; in the log in clear.
    pub description: Name,
}

/// An endpoint, and what its deliveries are checked with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookCreated {
    pub webhook: WebhookId,
    pub url: String,
    pub actions: Vec<String>,
    pub form: WebhookForm,
    pub signing: WebhookSigning,
    /// What the receiver checks deliveries with: `whsec_…` is a secret and shown once, `whpk_…` is a public key.
    #[schema(value_type = Option<String>)]
    pub key: Option<JsonSecret>,
    /// Whether this answer shows the key; a repeated one does not.
    pub key_shown: bool,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// An attempt to deliver a record to an endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeliveryAttempt {
    /// Its number among the attempts at this endpoint.
    pub number: u64,
    /// The position of the record, for `resend`.
    pub delivery: Position,
    /// The header `webhook-id`, the same for every attempt at the record.
    pub webhook_id: String,
    /// Which attempt at the record it was, from 1.
    pub attempt: u32,
    pub at: Instant,
    pub outcome: DeliveryOutcome,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer, or none that counts.
    pub failure: Option<String>,
    /// The first bytes of the answer.
    pub answer: String,
    pub latency_ms: u64,
    /// When it is tried again.
    pub next_at: Option<Instant>,
}

/// What became of an attempt.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// It arrived.
    Delivered,
    /// It is tried again.
    ToBeRepeated,
    /// It was tried often enough.
    GivenUp,
    /// The receiver wants nothing any more.
    Gone,
}

/// An endpoint that events are delivered to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookBody {
    pub id: WebhookId,
    pub url: String,
    /// Actions, and groups of actions: `mfa.reset`, `alert.`.
    pub actions: Vec<String>,
    pub form: WebhookForm,
    pub signing: WebhookSigning,
    pub description: String,
    /// Whether anything is delivered to it.
    pub active: bool,
    /// Why the system switched it off.
    pub fault: Option<WebhookFault>,
    /// What deliveries are checked with, where they are signed by Ed25519: no secret.
    pub public_key: Option<String>,
    /// Whether its signing key cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
    /// Until when the secret that was replaced signs beside the new one.
    pub replaced_signs_until: Option<Instant>,
    pub created_at: Instant,
    /// The name of who created it.
    pub created_by: String,
    /// The record that moved it last.
    pub version: Position,
}

/// A new secret.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookSecretRotated)]
pub struct Rotated {
    pub webhook: WebhookId,
    /// What the receiver checks deliveries with: `whsec_…` is a secret and shown once, `whpk_…` is a public key.
    #[schema(value_type = Option<String>)]
    pub key: Option<JsonSecret>,
    /// Whether this answer shows the key; a repeated one does not.
    pub key_shown: bool,
    /// Until when the one before signs besides.
    pub replaced_signs_until: Instant,
    #[serde(flatten)]
    pub receipt: Receipt,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_endpoint_is_told_of_one_to_32_actions() {
        let fits = |count: usize| {
            let actions = vec!["mfa.reset"; count];
            let new = json!({"url": "https://example.org/", "actions": actions, "description": "x"});
            let change = json!({"actions": actions});
            let made = serde_json::from_value::<NewWebhook>(new).is_ok();
            assert_eq!(serde_json::from_value::<WebhookChange>(change).is_ok(), made, "{count}");
            made
        };
        assert_eq!([0, 1, WEBHOOK_ACTIONS, WEBHOOK_ACTIONS + 1].map(fits), [false, true, true, false]);
    }
}
