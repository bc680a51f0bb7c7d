//! Switches an endpoint off that takes nothing.

use mfa_ledger_schemas::bodies::WebhookDisabled;
use mfa_ledger_schemas::{CommandName, Instant, StreamName, WebhookFault, WebhookId};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct DisableWebhook {
    pub webhook: WebhookId,
    pub fault: WebhookFault,
    pub since: Option<Instant>,
}

impl UseCase for DisableWebhook {
    type Ending = WebhookDisabled;

    fn name(&self) -> CommandName {
        CommandName::DisableWebhook
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.webhook)
    }

    fn decide(&self, case: &Case<'_>) -> Result<WebhookDisabled, No> {
        case.require_system()?;
        super::active(case, self.webhook)?;
        let Self { webhook, fault, since } = *self;
        Ok(WebhookDisabled { webhook, fault, since })
    }
}
