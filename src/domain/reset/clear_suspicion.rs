//! Clears a suspicion: somebody looked into it.

use mfa_ledger_schemas::bodies::SuspicionCleared;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode};

use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ClearSuspicion {
    pub administrator: AdministratorId,
    pub note: Option<String>,
}

impl UseCase for ClearSuspicion {
    type Ending = SuspicionCleared;

    fn name(&self) -> CommandName {
        CommandName::ClearSuspicion
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<SuspicionCleared, No> {
        case.require(Permission::ManageAlerts)?;
        let target = case.administrator(self.administrator)?;
        if case.is_self(target.id) {
            return Err(RefusalCode::PartyToReset.into());
        }
        if target.suspected(case.now).is_none() {
            return Err(RefusalCode::NotUnderSuspicion.into());
        }
        if self.note.is_none() {
            return Err(RefusalCode::NoteRequired.into());
        }
        Ok(SuspicionCleared { administrator: target.id, note: case.annex() })
    }
}
