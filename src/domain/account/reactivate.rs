//! Gives access back, to a frozen account too.

use mfa_ledger_schemas::bodies::AdministratorReactivated;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, Position, RefusalCode};

use crate::reset::is_free_of;
use crate::{Asks, Caller, Case, No, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct ReactivateAdministrator {
    pub administrator: AdministratorId,
    pub note: Option<String>,
}

impl ReactivateAdministrator {
    /// What somebody denied is not put right by those who did it, by somebody who is not independent of them, nor without a
    /// word.
    fn lifts(&self, case: &Case<'_>, reset: Position) -> Result<(), No> {
        let Some(reset) = case.state().resets.at(reset) else { return Ok(()) };
        let request = reset.event.story.reset_request.and_then(|id| case.state().directory.reset_request(id));
        let parties = [
            reset.performer.administrator,
            reset.event.approved_by,
            request.and_then(|request| request.requester.administrator),
        ];
        if let Some(own) = case.own() {
            let own = case.administrator(own)?;
            for party in parties.into_iter().flatten() {
                let party = case.administrator(party)?;
                if !is_free_of(case, own, party) {
                    return Err(RefusalCode::PartyToReset.into());
                }
            }
        }
        if self.note.is_none() {
            return Err(RefusalCode::NoteRequired.into());
        }
        Ok(())
    }
}

impl UseCase for ReactivateAdministrator {
    type Ending = AdministratorReactivated;

    fn name(&self) -> CommandName {
        CommandName::ReactivateAdministrator
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

    fn decide(&self, case: &Case<'_>) -> Result<AdministratorReactivated, No> {
        case.require(Permission::ManageAdministrators)?;
        let target = case.administrator(self.administrator)?;
        case.require_rank(target)?;
        if target.can_log_in() {
            return Err(RefusalCode::AlreadyActive.into());
        }
        // A notice would reach nobody: the next address that is entered would own the account.
        if target.personal.is_none() && !matches!(case.caller(), Caller::Operator(_)) {
            return Err(RefusalCode::PersonalDataGone.into());
        }
        for reset in &target.denied {
            self.lifts(case, *reset)?;
        }
        Ok(AdministratorReactivated {
            administrator: target.id,
            was_frozen: target.frozen,
            note: case.annex(),
        })
    }
}
