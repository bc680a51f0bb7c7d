//! Gives somebody a role.

use mfa_ledger_schemas::bodies::RoleAssigned;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode, RoleId};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct AssignRole {
    pub administrator: AdministratorId,
    pub role: RoleId,
}

impl UseCase for AssignRole {
    type Ending = RoleAssigned;

    fn name(&self) -> CommandName {
        CommandName::AssignRole
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn decide(&self, case: &Case<'_>) -> Result<RoleAssigned, No> {
        case.require(Permission::ManageRoles)?;
        let target = case.administrator(self.administrator)?;
        if case.is_self(target.id) && !case.is_super() {
            return Err(RefusalCode::SelfRoleChange.into());
        }
        case.require_rank(target)?;
        let role = case.role(&self.role).ok_or(RefusalCode::RoleNotFound)?;
        case.require_own(role.permissions.iter().copied())?;
        let previous = target.role.clone();
        Ok(RoleAssigned { administrator: target.id, role: self.role.clone(), previous })
    }
}
