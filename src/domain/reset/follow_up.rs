//! Records what was done after a reset.

use mfa_ledger_schemas::bodies::FollowUpRecorded;
use mfa_ledger_schemas::{AdministratorId, CommandName, NotificationChannel, Permission, Position};

use super::known::{known_reset, target_of_reset};
use crate::{Asks, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct RecordFollowUp {
    pub reset: Position,
    pub notified: Option<NotificationChannel>,
    pub note: Option<String>,
}

impl UseCase for RecordFollowUp {
    type Ending = FollowUpRecorded;

    fn name(&self) -> CommandName {
        CommandName::RecordFollowUp
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        target_of_reset(case, self.reset)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<FollowUpRecorded, No> {
        case.require(Permission::ManageMfa)?;
        let reset = known_reset(case, self.reset)?;
        Ok(FollowUpRecorded {
            reset: reset.position,
            administrator: reset.target.administrator,
            notified: self.notified,
            note: case.annex(),
        })
    }
}
