//! Signs deliveries to an endpoint with a new secret.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::WebhookSecretRotated;
use mfa_ledger_schemas::limits::WEBHOOK_OVERLAP_HOURS;
use mfa_ledger_schemas::{CommandName, StreamName, WebhookId};

use crate::{Asks, Case, NewSecret, No, UseCase};

#[derive(Clone, Debug)]
pub struct RotateWebhookSecret {
    pub webhook: WebhookId,
}

impl UseCase for RotateWebhookSecret {
    type Ending = WebhookSecretRotated;

    fn name(&self) -> CommandName {
        CommandName::RotateWebhookSecret
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.webhook)
    }

    fn new_secret(&self, state: &State) -> Option<NewSecret<'_>> {
        state.webhooks.get(self.webhook).map(|webhook| NewSecret::WebhookKey(webhook.signing))
    }

    fn decide(&self, case: &Case<'_>) -> Result<WebhookSecretRotated, No> {
        super::may_send(case)?;
        let webhook = super::known(case, self.webhook)?;
        Ok(WebhookSecretRotated {
            webhook: webhook.id,
            signing: webhook.signing,
            secret: case.credential(),
            replaced: webhook.secret,
            signs_until: case.now.plus_hours(WEBHOOK_OVERLAP_HOURS),
            ended: webhook.replaced.map(|(secret, _)| secret),
        })
    }
}
