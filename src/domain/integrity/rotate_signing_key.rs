//! Rotates the key that checkpoints are signed with.

use mfa_ledger_schemas::bodies::SigningKeyRotated;
use mfa_ledger_schemas::{CommandName, StreamName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct RotateSigningKey(pub SigningKeyRotated);

impl UseCase for RotateSigningKey {
    type Ending = SigningKeyRotated;

    fn name(&self) -> CommandName {
        CommandName::RotateSigningKey
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case)
    }

    fn decide(&self, case: &Case<'_>) -> Result<SigningKeyRotated, No> {
        super::require_operator(case)?;
        Ok(self.0.clone())
    }
}
