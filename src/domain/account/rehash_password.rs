//! Hashes a password again at the cost of now, when it has just opened a session.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::PasswordRehashed;
use mfa_ledger_schemas::{AdministratorId, CommandName, CredentialId, RefusalCode};
use mfa_ledger_wiped::SecretText;

use crate::{Asks, Case, NewSecret, No, UseCase};

#[derive(Clone, Debug)]
pub struct RehashPassword {
    pub administrator: AdministratorId,
    /// The hash that it was compared with.
    pub replaced: CredentialId,
    pub password: SecretText,
}

impl UseCase for RehashPassword {
    type Ending = PasswordRehashed;

    fn name(&self) -> CommandName {
        CommandName::RehashPassword
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::ChosenPassword(&self.password))
    }

    fn decide(&self, case: &Case<'_>) -> Result<PasswordRehashed, No> {
        case.require_system()?;
        let target = case.administrator(self.administrator)?;
        // Another password has been chosen since.
        if target.password.credential != self.replaced {
            return Err(RefusalCode::VersionMismatch.into());
        }
        Ok(PasswordRehashed {
            administrator: target.id,
            password: case.credential(),
            replaced: self.replaced,
        })
    }
}
