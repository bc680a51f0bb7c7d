//! Has something delivered to an endpoint, to see whether it arrives.

use mfa_ledger_schemas::bodies::WebhookTested;
use mfa_ledger_schemas::{CommandName, Permission, StreamName, WebhookId};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct TestWebhook {
    pub webhook: WebhookId,
}

impl UseCase for TestWebhook {
    type Ending = WebhookTested;

    fn name(&self) -> CommandName {
        CommandName::TestWebhook
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.webhook)
    }

    fn decide(&self, case: &Case<'_>) -> Result<WebhookTested, No> {
        case.require(Permission::ManageSettings)?;
        Ok(WebhookTested { webhook: super::active(case, self.webhook)?.id })
    }
}
