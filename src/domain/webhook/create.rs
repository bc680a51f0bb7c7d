//! Has events delivered to an endpoint.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::WebhookCreated;
use mfa_ledger_schemas::limits::WEBHOOKS;
use mfa_ledger_schemas::{CommandName, RefusalCode, StreamName, WebhookForm, WebhookId, WebhookSigning};

use crate::{Asks, Case, NewSecret, No, UseCase};

#[derive(Clone, Debug)]
pub struct CreateWebhook {
    pub url: String,
    pub actions: Vec<String>,
    pub form: WebhookForm,
    pub signing: WebhookSigning,
    pub description: String,
}

impl UseCase for CreateWebhook {
    type Ending = WebhookCreated;

    fn name(&self) -> CommandName {
        CommandName::CreateWebhook
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::Webhook(case.fresh(WebhookId::from_bytes)))
    }

    /// The limit counts over all of them.
    fn turn(&self, _: &Case<'_>) -> Option<String> {
        Some("webhooks".to_owned())
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::WebhookKey(self.signing))
    }

    fn decide(&self, case: &Case<'_>) -> Result<WebhookCreated, No> {
        super::may_send(case)?;
        // A guard against too much work, not a promise: creations take turns, so that none of them need rest on all
        // the others.
        if case.state().webhooks.len() >= WEBHOOKS {
            return Err(RefusalCode::TooManyWebhooks.into());
        }
        let Self { url, actions, form, signing, description } = self.clone();
        let (webhook, secret) = (case.fresh(WebhookId::from_bytes), case.credential());
        Ok(WebhookCreated { webhook, url, actions, form, signing, description, secret })
    }
}
