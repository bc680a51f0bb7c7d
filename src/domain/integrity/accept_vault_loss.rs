//! Accepts that entries of the vault are lost.

use mfa_ledger_schemas::bodies::VaultLossAccepted;
use mfa_ledger_schemas::{CommandName, StreamName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct AcceptVaultLoss(pub VaultLossAccepted);

impl UseCase for AcceptVaultLoss {
    type Ending = VaultLossAccepted;

    fn name(&self) -> CommandName {
        CommandName::AcceptVaultLoss
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case)
    }

    fn decide(&self, case: &Case<'_>) -> Result<VaultLossAccepted, No> {
        super::require_operator(case)?;
        super::require_reason(&self.0.reason)?;
        Ok(self.0.clone())
    }
}
