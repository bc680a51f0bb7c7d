//! Gives somebody a generated password.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::PasswordReset;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode};

use crate::{Asks, Case, NewSecret, No, UseCase};

#[derive(Clone, Debug)]
pub struct ResetPassword {
    pub administrator: AdministratorId,
}

impl UseCase for ResetPassword {
    type Ending = PasswordReset;

    fn name(&self) -> CommandName {
        CommandName::ResetPassword
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::GeneratedPassword)
    }

    fn decide(&self, case: &Case<'_>) -> Result<PasswordReset, No> {
        case.require(Permission::ManageAdministrators)?;
        let target = case.administrator(self.administrator)?;
        if case.is_self(target.id) {
            return Err(RefusalCode::SelfReset.into());
        }
        case.require_rank(target)?;
        if !target.active {
            return Err(RefusalCode::AdministratorInactive.into());
        }
        Ok(PasswordReset {
            administrator: target.id,
            password: case.credential(),
            replaced: target.password.credential,
            expires: case.generated_password_end(),
            sessions_ended: case.count_sessions(target, None),
        })
    }
}
