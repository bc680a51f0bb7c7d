//! Endpoints that events are delivered to.

use std::collections::BTreeMap;

use mfa_ledger_schemas::bodies::{WebhookChanged, WebhookCreated, WebhookSecretRotated};
use mfa_ledger_schemas::{
    CredentialId, Event, Instant, Position, Record, WebhookFault, WebhookForm, WebhookId, WebhookSigning,
};
use serde::{Deserialize, Serialize};

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The record that created it.
    pub position: Position,
    /// When.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
    /// The record that moved it last.
    pub version: Position,
    /// Where to.
    pub url: String,
    /// Of which actions: whole names, or beginnings that end with a dot.
    pub actions: Vec<String>,
    /// In which form.
    pub form: WebhookForm,
    /// How deliveries are signed.
    pub signing: WebhookSigning,
    /// What it is for.
    pub description: String,
    /// Whether anything is delivered to it.
    pub active: bool,
    /// Since which record: what was recorded before that is not for it.
    pub active_since: Position,
    /// Why the system switched it off.
    pub fault: Option<WebhookFault>,
    /// What deliveries are signed with.
    pub secret: CredentialId,
    /// What they are signed with besides, and until when.
    pub replaced: Option<(CredentialId, Instant)>,
}

impl Webhook {
    /// Whether it is to be told of an action.
    pub fn wants(&self, action: &str) -> bool {
        self.actions.iter().any(|it| it == action || it.ends_with('.') && action.starts_with(it.as_str()))
    }

    /// The replaced secret, while it still signs.
    pub fn replaced_secret(&self, now: Instant) -> Option<CredentialId> {
        self.replaced.filter(|(_, until)| now < *until).map(|(secret, _)| secret)
    }
}

/// All endpoints; removed ones are forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Webhooks {
    all: BTreeMap<WebhookId, Webhook>,
}

impl Webhooks {
    /// One of them.
    pub fn get(&self, id: WebhookId) -> Option<&Webhook> {
        self.all.get(&id)
    }

    /// All of them, by id, and so by age.
    pub fn iter(&self) -> impl Iterator<Item = &Webhook> {
        self.all.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        match &record.event {
            Event::WebhookCreated(event) => self.create(position, record, event),
            Event::WebhookChanged(event) => {
                self.with(event.webhook, position, |it| change(it, position, event));
            }
            Event::WebhookSecretRotated(event) => {
                self.with(event.webhook, position, |it| rotate(it, event));
            }
            Event::WebhookRemoved(event) => {
                self.all.remove(&event.webhook);
            }
            Event::WebhookDisabled(event) => self.with(event.webhook, position, |it| {
                (it.active, it.fault) = (false, Some(event.fault));
            }),
            // An endpoint may have been removed since the moment that the log went on from.
            Event::LogRestored(_) => {
                for webhook in self.all.values_mut() {
                    (webhook.active, webhook.fault, webhook.version) = (false, None, position);
                }
            }
            Event::WebhookTested(event) => self.with(event.webhook, position, |_| {}),
            Event::DeliveryResent(event) => self.with(event.webhook, position, |_| {}),
            _ => {}
        }
    }

    fn create(&mut self, position: Position, record: &Record, event: &WebhookCreated) {
        let webhook = Webhook {
            id: event.webhook,
            position,
            created_at: record.at,
            created_by: record.actor.name.clone(),
            version: position,
            url: event.url.clone(),
            actions: event.actions.clone(),
            form: event.form,
            signing: event.signing,
            description: event.description.clone(),
            active: true,
            active_since: position,
            fault: None,
            secret: event.secret,
            replaced: None,
        };
        self.all.insert(webhook.id, webhook);
    }

    fn with(&mut self, id: WebhookId, position: Position, change: impl FnOnce(&mut Webhook)) {
        if let Some(webhook) = self.all.get_mut(&id) {
            webhook.version = position;
            change(webhook);
        }
    }
}

fn change(webhook: &mut Webhook, position: Position, event: &WebhookChanged) {
    webhook.url = event.url.clone().unwrap_or_else(|| std::mem::take(&mut webhook.url));
    webhook.actions = event.actions.clone().unwrap_or_else(|| std::mem::take(&mut webhook.actions));
    webhook.form = event.form.unwrap_or(webhook.form);
    webhook.description =
        event.description.clone().unwrap_or_else(|| std::mem::take(&mut webhook.description));
    if event.active == Some(true) && !webhook.active {
        webhook.active_since = position;
    }
    if let Some(active) = event.active {
        (webhook.active, webhook.fault) = (active, None);
    }
}

fn rotate(webhook: &mut Webhook, event: &WebhookSecretRotated) {
    webhook.secret = event.secret;
    webhook.replaced = Some((event.replaced, event.signs_until));
}
