//! `/v1/webhooks`: endpoints that events are delivered to.

mod change;
mod create;
mod deliveries;
mod list;
mod remove;
mod resend;
mod rotate_secret;
mod show;
mod test;

use mfa_ledger_api::webhooks::WebhookBody;
use mfa_ledger_ledger::service::{Caller, Right, SecretText};
use mfa_ledger_projections::Webhook;
use mfa_ledger_schemas::{Instant, Permission, WebhookId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::problem::Problem;

/// Who may see them.
const SEES_WEBHOOKS: Right = Right::Permission(Permission::ManageSettings);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change, remove::remove))
        .routes(routes!(rotate_secret::rotate_secret))
        .routes(routes!(test::test))
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(resend::resend))
}

fn webhook_body(app: &App, webhook: &Webhook, now: Instant) -> WebhookBody {
    let public_key = app.service.webhook_public_key(webhook.id);
    let replaced = webhook.replaced.filter(|(_, until)| now < *until);
    WebhookBody {
        id: webhook.id,
        url: webhook.url.clone(),
        actions: webhook.actions.clone(),
        form: webhook.form,
        signing: webhook.signing,
        description: webhook.description.clone(),
        active: webhook.active,
        fault: webhook.fault,
        unreadable: public_key.is_unreadable(),
        public_key: public_key.known().map(|key: SecretText| key.expose().to_owned()),
        replaced_signs_until: replaced.map(|(_, until)| until),
        created_at: webhook.created_at,
        created_by: webhook.created_by.clone(),
        version: webhook.version,
    }
}

/// One of them, for a caller who may see it.
fn webhook(app: &App, caller: &Caller, id: WebhookId) -> Result<(Webhook, Instant), Problem> {
    let found =
        app.service.query(caller, SEES_WEBHOOKS, |state, now| (state.webhooks.get(id).cloned(), now))?;
    found.0.map(|webhook| (webhook, found.1)).ok_or_else(|| Problem::new("not-found"))
}

/// Addresses that nothing would be delivered to are told at once.
fn check_url(app: &App, url: &str) -> Result<(), Problem> {
    let refusal = app.options.deliveries.as_ref().and_then(|deliveries| deliveries.refusal(url));
    match refusal {
        Some(why) => Err(Problem::new("invalid-request").fault("#/url", why)),
        None => Ok(()),
    }
}
