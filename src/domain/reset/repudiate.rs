//! "This wasn't me": freezes the account and undoes trust in the reset.

use mfa_ledger_schemas::bodies::ResetRepudiated;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, Position, RefusalCode, SessionStage};

use super::known::{known_reset, target_of_reset};
use crate::{Asks, Caller, Case, No, ToSeal, UseCase};

/// How long a reset can be denied for somebody else, in days.
const DENIED_DAYS: i64 = 30;

#[derive(Clone, Debug)]
pub struct RepudiateReset {
    pub reset: Position,
    pub note: Option<String>,
}

impl UseCase for RepudiateReset {
    type Ending = ResetRepudiated;

    fn name(&self) -> CommandName {
        CommandName::RepudiateReset
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP_FOR_OTHERS
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        target_of_reset(case, self.reset)
    }

    fn to_seal(&self) -> ToSeal {
        ToSeal::note(self.note.as_ref())
    }

    fn decide(&self, case: &Case<'_>) -> Result<ResetRepudiated, No> {
        let reset = case.state().resets.at(self.reset);
        let held = matches!(case.caller(), Caller::NoticeLink(position) if *position == self.reset);
        let own = held || reset.is_some_and(|reset| case.is_self(reset.target.administrator));
        // A person who calls the help desk has no session: who may reset may also record the denial.
        if held {
            // The link was sent to the person's own addresses, and is good for this reset alone.
        } else if own {
            case.acting_at(&[SessionStage::Done, SessionStage::Enroll])?;
        } else {
            case.require(Permission::ManageMfa)?;
        }
        let reset = known_reset(case, self.reset)?;
        if reset.repudiated.is_some() {
            return Err(RefusalCode::AlreadyRepudiated.into());
        }
        let target = case.administrator(reset.target.administrator)?;
        if !own {
            // It freezes an account: not a weapon against those above, nor one without a reason.
            case.require_rank(target)?;
            if self.note.is_none() {
                return Err(RefusalCode::NoteRequired.into());
            }
            if reset.at.plus_hours(DENIED_DAYS * 24) < case.now {
                return Err(RefusalCode::RepudiationTooLate.into());
            }
        }
        Ok(ResetRepudiated {
            reset: reset.position,
            administrator: target.id,
            frozen: !case.is_last_super_administrator(target),
            sessions_ended: case.count_sessions(target, None),
            note: case.annex(),
        })
    }
}
