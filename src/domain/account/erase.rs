//! Destroys the sealed values about somebody who is no longer active.

use mfa_ledger_schemas::bodies::PersonalDataErased;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode, limits};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct ErasePersonalData {
    pub administrator: AdministratorId,
}

impl UseCase for ErasePersonalData {
    type Ending = PersonalDataErased;

    fn name(&self) -> CommandName {
        CommandName::ErasePersonalData
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn decide(&self, case: &Case<'_>) -> Result<PersonalDataErased, No> {
        case.require(Permission::ManageAdministrators)?;
        let target = case.administrator(self.administrator)?;
        case.require_rank(target)?;
        if target.active {
            return Err(RefusalCode::StillActive.into());
        }
        let annexes: Vec<_> = target.annexes.iter().copied().take(limits::ERASED_ANNEXES).collect();
        if annexes.is_empty() {
            return Err(RefusalCode::NothingToErase.into());
        }
        Ok(PersonalDataErased { administrator: target.id, annexes })
    }
}
