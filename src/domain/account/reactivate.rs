//! Gives access back, to a frozen account too.

use mfa_ledger_schemas::v1::AdministratorReactivated;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode};

use crate::{Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ReactivateAdministrator {
    pub administrator: AdministratorId,
    pub note: Option<String>,
}

impl UseCase for ReactivateAdministrator {
    type Ending = AdministratorReactivated;

    fn name(&self) -> CommandName {
        CommandName::ReactivateAdministrator
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<AdministratorReactivated, No> {
        case.require(Permission::ManageAdministrators)?;
        let target = case.administrator(self.administrator)?;
        case.require_rank(target)?;
        if target.can_log_in() {
            return Err(RefusalCode::AlreadyActive.into());
        }
        Ok(AdministratorReactivated {
            administrator: target.id,
            was_frozen: target.frozen,
            note: case.annex(),
        })
    }
}
