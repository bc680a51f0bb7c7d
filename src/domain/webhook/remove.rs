//! Has nothing delivered to an endpoint any more.

use mfa_ledger_schemas::bodies::WebhookRemoved;
use mfa_ledger_schemas::{CommandName, Permission, StreamName, WebhookId};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct RemoveWebhook {
    pub webhook: WebhookId,
}

impl UseCase for RemoveWebhook {
    type Ending = WebhookRemoved;

    fn name(&self) -> CommandName {
        CommandName::RemoveWebhook
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.webhook)
    }

    fn decide(&self, case: &Case<'_>) -> Result<WebhookRemoved, No> {
        case.require(Permission::ManageSettings)?;
        let webhook = super::known(case, self.webhook)?;
        let replaced = webhook.replaced.map(|(secret, _)| secret);
        let secrets = std::iter::once(webhook.secret).chain(replaced).collect();
        Ok(WebhookRemoved { webhook: webhook.id, secrets })
    }
}
