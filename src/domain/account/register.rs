//! Registers an administrator with a generated password.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::AdministratorRegistered;
use mfa_ledger_schemas::record::Target;
use mfa_ledger_schemas::{
    AdministratorId, CommandName, Event, Permission, Personal, RefusalCode, RoleId, StreamName,
};

use crate::{Asks, Case, NewSecret, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct RegisterAdministrator {
    pub user_name: String,
    pub role: RoleId,
    pub super_administrator: bool,
    pub personal: Personal,
}

impl UseCase for RegisterAdministrator {
    type Ending = AdministratorRegistered;

    fn name(&self) -> CommandName {
        CommandName::RegisterAdministrator
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        Some(StreamName::Directory)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::Personal(self.personal.clone())
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::GeneratedPassword)
    }

    fn decide(&self, case: &Case<'_>) -> Result<AdministratorRegistered, No> {
        case.require(Permission::ManageAdministrators)?;
        if self.super_administrator && !case.is_super() {
            return Err(RefusalCode::SuperAdminRequired.into());
        }
        let role = case.role(&self.role).ok_or(RefusalCode::RoleNotFound)?;
        case.require_own(role.permissions.iter().copied())?;
        if case.by_user_name(&self.user_name).is_some() {
            return Err(RefusalCode::UserNameTaken.into());
        }
        Ok(AdministratorRegistered {
            administrator: case.fresh(AdministratorId::from_bytes),
            user_name: self.user_name.clone(),
            role: self.role.clone(),
            super_administrator: self.super_administrator,
            password: case.credential(),
            password_expires: case.generated_password_end(),
            personal: case.sealed()?,
        })
    }
}

/// The target of a registration, which the state before it does not know.
pub(crate) fn registered(event: &Event) -> Option<Target> {
    let Event::AdministratorRegistered(event) = event else { return None };
    Some(Target {
        administrator: event.administrator,
        user_name: event.user_name.clone(),
        role: event.role.clone(),
        super_admin: event.super_administrator,
    })
}
