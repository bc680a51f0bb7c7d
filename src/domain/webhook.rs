//! Endpoints that events are delivered to.

use mfa_ledger_projections::Webhook;
use mfa_ledger_schemas::limits::{WEBHOOK_OVERLAP_HOURS, WEBHOOKS};
use mfa_ledger_schemas::v1::{
    DeliveryResent, WebhookChanged, WebhookCreated, WebhookDisabled, WebhookRemoved, WebhookSecretRotated,
    WebhookTested,
};
use mfa_ledger_schemas::{Event, Permission, Position, RefusalCode, StreamName, WebhookId};

use super::case::{Case, No};
use super::command::{
    ChangeWebhook, CreateWebhook, DisableWebhook, RemoveWebhook, ResendDelivery, RotateWebhookSecret,
    TestWebhook,
};

pub(super) fn create(case: &Case<'_>, command: &CreateWebhook) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    // A guard against too much work, not a promise: creations take turns in the service, so that none of
    // them need rest on all the others.
    if case.state().webhooks.len() >= WEBHOOKS {
        return Err(RefusalCode::TooManyWebhooks.into());
    }
    let CreateWebhook { webhook, url, actions, form, signing, description, secret } = command.clone();
    Ok(WebhookCreated { webhook, url, actions, form, signing, description, secret }.into())
}

pub(super) fn change(case: &Case<'_>, command: &ChangeWebhook) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    known(case, command.webhook)?;
    let ChangeWebhook { webhook, url, actions, form, description, active } = command.clone();
    Ok(WebhookChanged { webhook, url, actions, form, description, active }.into())
}

pub(super) fn rotate_secret(case: &Case<'_>, command: &RotateWebhookSecret) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    let webhook = known(case, command.webhook)?;
    Ok(WebhookSecretRotated {
        webhook: webhook.id,
        signing: webhook.signing,
        secret: command.secret,
        replaced: webhook.secret,
        signs_until: case.now.plus_hours(WEBHOOK_OVERLAP_HOURS),
        ended: webhook.replaced.map(|(secret, _)| secret),
    }
    .into())
}

pub(super) fn remove(case: &Case<'_>, command: &RemoveWebhook) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    let webhook = known(case, command.webhook)?;
    let replaced = webhook.replaced.map(|(secret, _)| secret);
    let secrets = std::iter::once(webhook.secret).chain(replaced).collect();
    Ok(WebhookRemoved { webhook: webhook.id, secrets }.into())
}

pub(super) fn disable(case: &Case<'_>, command: &DisableWebhook) -> Result<Event, No> {
    case.require_system()?;
    active(case, command.webhook)?;
    let DisableWebhook { webhook, fault, since } = *command;
    Ok(WebhookDisabled { webhook, fault, since }.into())
}

pub(super) fn test(case: &Case<'_>, command: &TestWebhook) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    Ok(WebhookTested { webhook: active(case, command.webhook)?.id }.into())
}

pub(super) fn resend(case: &Case<'_>, command: &ResendDelivery) -> Result<Event, No> {
    case.require(Permission::ManageSettings)?;
    let webhook = active(case, command.webhook)?.id;
    let position = command.position;
    // Records do not go away: that there is one rests on nothing that could move.
    if position == Position(0) || position > case.state().position() {
        return Err(RefusalCode::DeliveryNotFound.into());
    }
    Ok(DeliveryResent { webhook, position }.into())
}

fn known<'a>(case: &Case<'a>, id: WebhookId) -> Result<&'a Webhook, No> {
    case.note(StreamName::Webhook(id));
    case.state().webhooks.get(id).ok_or(RefusalCode::WebhookNotFound.into())
}

fn active<'a>(case: &Case<'a>, id: WebhookId) -> Result<&'a Webhook, No> {
    let webhook = known(case, id)?;
    if webhook.active { Ok(webhook) } else { Err(RefusalCode::WebhookInactive.into()) }
}
