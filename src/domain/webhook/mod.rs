//! Endpoints that events are delivered to.

mod change;
mod create;
mod disable;
mod remove;
mod resend;
mod rotate_secret;
mod test;

use mfa_ledger_projections::Webhook;
use mfa_ledger_schemas::{Permission, RefusalCode, StreamName, WebhookId};

use crate::{Case, No};

pub use change::ChangeWebhook;
pub use create::CreateWebhook;
pub use disable::DisableWebhook;
pub use remove::RemoveWebhook;
pub use resend::ResendDelivery;
pub use rotate_secret::RotateWebhookSecret;
pub use test::TestWebhook;

fn known<'a>(case: &Case<'a>, id: WebhookId) -> Result<&'a Webhook, No> {
    case.note(StreamName::Webhook(id));
    case.state().webhooks.get(id).ok_or(RefusalCode::WebhookNotFound.into())
}

fn active<'a>(case: &Case<'a>, id: WebhookId) -> Result<&'a Webhook, No> {
    let webhook = known(case, id)?;
    if webhook.active { Ok(webhook) } else { Err(RefusalCode::WebhookInactive.into()) }
}

/// The stream of a webhook that exists.
fn stream(case: &Case<'_>, id: WebhookId) -> Option<StreamName> {
    case.state().webhooks.get(id).map(|_| StreamName::Webhook(id))
}

/// What is delivered is what the activity log shows: who sends it somewhere may read it.
fn may_send(case: &Case<'_>) -> Result<(), No> {
    case.require(Permission::ManageSettings)?;
    case.require_own([Permission::ViewActivity])
}
