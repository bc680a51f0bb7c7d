//! Changes an account.

use mfa_ledger_schemas::bodies::AdministratorChanged;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode, StreamName};

use crate::{Asks, Case, No, ToSeal, UseCase};

/// Changes an account. What is `None` stays.
#[derive(Clone, Debug)]
pub struct ChangeAdministrator {
    pub administrator: AdministratorId,
    pub user_name: Option<String>,
    pub super_administrator: Option<bool>,
    pub display_name: Option<String>,
    pub emails: Option<Vec<String>>,
}

impl UseCase for ChangeAdministrator {
    type Ending = AdministratorChanged;

    fn name(&self) -> CommandName {
        CommandName::ChangeAdministrator
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn stream(&self, _: &Case<'_>) -> Option<StreamName> {
        self.user_name.is_some().then_some(StreamName::Directory)
    }

    fn to_seal(&self) -> ToSeal {
        if self.display_name.is_none() && self.emails.is_none() {
            return ToSeal::Nothing;
        }
        ToSeal::Changed {
            administrator: self.administrator,
            display_name: self.display_name.clone(),
            emails: self.emails.clone(),
        }
    }

    fn decide(&self, case: &Case<'_>) -> Result<AdministratorChanged, No> {
        case.require(Permission::ManageAdministrators)?;
        let target = case.administrator(self.administrator)?;
        case.require_rank(target)?;
        if let Some(super_administrator) = self.super_administrator {
            if !case.is_super() {
                return Err(RefusalCode::SuperAdminRequired.into());
            }
            if !super_administrator && case.is_last_super_administrator(target) {
                return Err(RefusalCode::LastSuperAdmin.into());
            }
        }
        if let Some(user_name) = &self.user_name
            && case.by_user_name(user_name).is_some_and(|other| other.id != target.id)
        {
            return Err(RefusalCode::UserNameTaken.into());
        }
        let personal = case.annex();
        Ok(AdministratorChanged {
            administrator: target.id,
            user_name: self.user_name.clone(),
            super_administrator: self.super_administrator,
            replaced: personal.as_ref().and(target.personal),
            personal,
        })
    }
}
