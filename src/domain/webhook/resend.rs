//! Has a record delivered again.

use mfa_ledger_schemas::bodies::DeliveryResent;
use mfa_ledger_schemas::{CommandName, Position, RefusalCode, StreamName, WebhookId};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct ResendDelivery {
    pub webhook: WebhookId,
    pub position: Position,
}

impl UseCase for ResendDelivery {
    type Ending = DeliveryResent;

    fn name(&self) -> CommandName {
        CommandName::ResendDelivery
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case, self.webhook)
    }

    fn decide(&self, case: &Case<'_>) -> Result<DeliveryResent, No> {
        super::may_send(case)?;
        let webhook = super::active(case, self.webhook)?.id;
        // Records do not go away: that there is one rests on nothing that could move.
        if self.position == Position(0) || self.position > case.state().position() {
            return Err(RefusalCode::DeliveryNotFound.into());
        }
        Ok(DeliveryResent { webhook, position: self.position })
    }
}
