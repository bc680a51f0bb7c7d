//! Changes an endpoint.

use mfa_ledger_schemas::bodies::WebhookChanged;
use mfa_ledger_schemas::{CommandName, Position, StreamName, WebhookForm, WebhookId};

use crate::{Asks, Case, No, UseCase};

/// Changes a webhook. What is `None` stays.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeWebhook {
    pub webhook: WebhookId,
    pub url: Option<String>,
    pub actions: Option<Vec<String>>,
    pub form: Option<WebhookForm>,
    pub description: Option<String>,
    pub active: Option<bool>,
}

impl UseCase for ChangeWebhook {
    type Ending = WebhookChanged;

    fn name(&self) -> CommandName {
        CommandName::ChangeWebhook
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.webhook)
    }

    fn version(&self, case: &Case<'_>) -> Option<Position> {
        super::known(case, self.webhook).ok().map(|webhook| webhook.version)
    }

    fn decide(&self, case: &Case<'_>) -> Result<WebhookChanged, No> {
        super::may_send(case)?;
        super::known(case, self.webhook)?;
        let Self { webhook, url, actions, form, description, active } = self.clone();
        Ok(WebhookChanged { webhook, url, actions, form, description, active })
    }
}
