//! Defines or changes a role.

use std::collections::BTreeSet;

use mfa_ledger_schemas::bodies::RoleDefined;
use mfa_ledger_schemas::{CommandName, Permission, Position, RoleId, StreamName};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefineRole {
    pub role: RoleId,
    pub name: String,
    pub permissions: BTreeSet<Permission>,
    pub mfa_required: bool,
}

impl UseCase for DefineRole {
    type Ending = RoleDefined;

    fn name(&self) -> CommandName {
        CommandName::DefineRole
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::Role(self.role.clone()))
    }

    fn version(&self, case: &Case<'_>) -> Option<Position> {
        case.role(&self.role).map(|role| role.version)
    }

    fn decide(&self, case: &Case<'_>) -> Result<RoleDefined, No> {
        case.require(Permission::ManageRoles)?;
        let none = BTreeSet::new();
        let before = case.role(&self.role).map_or(&none, |role| &role.permissions);
        // Every holder of the role is affected: a removed permission must be the caller's own, like an added one.
        case.require_own(self.permissions.union(before).copied())?;
        let granted: Vec<_> = self.permissions.difference(before).copied().collect();
        Ok(RoleDefined {
            role: self.role.clone(),
            name: self.name.clone(),
            permissions: self.permissions.iter().copied().collect(),
            mfa_required: self.mfa_required,
            granted,
            withdrawn: before.difference(&self.permissions).copied().collect(),
        })
    }
}
