//! Accepts that records are lost.

use mfa_ledger_schemas::bodies::LossAccepted;
use mfa_ledger_schemas::{CommandName, StreamName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct AcceptLoss(pub LossAccepted);

impl UseCase for AcceptLoss {
    type Ending = LossAccepted;

    fn name(&self) -> CommandName {
        CommandName::AcceptLoss
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case)
    }

    fn decide(&self, case: &Case<'_>) -> Result<LossAccepted, No> {
        super::require_operator(case)?;
        super::require_reason(&self.0.reason)?;
        Ok(self.0.clone())
    }
}
