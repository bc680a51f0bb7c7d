//! Gives somebody a generated password.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::v1::PasswordReset;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode};

use crate::{Case, NewSecret, No, UseCase};

#[derive(Clone, Debug)]
pub struct ResetPassword {
    pub administrator: AdministratorId,
}

impl UseCase for ResetPassword {
    type Ending = PasswordReset;

    fn name(&self) -> CommandName {
        CommandName::ResetPassword
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
        // The caller is shown the new password: it opens everything that the target may do.
        let role = case.role(&target.role).map(|role| &role.permissions);
        case.require_own(role.into_iter().flatten().copied())?;
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
