//! Ends somebody's access.

use mfa_ledger_projections::Administrator;
use mfa_ledger_schemas::bodies::AdministratorDeactivated;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode};

use crate::{Asks, Caller, Case, No, ToSeal, UseCase};

/// The part of the system that may deactivate an account that does not enroll again after a reset.
pub const WATCHDOG: &str = "watchdog";

#[derive(Clone, Debug)]
pub struct DeactivateAdministrator {
    pub administrator: AdministratorId,
    pub note: Option<String>,
}

impl UseCase for DeactivateAdministrator {
    type Ending = AdministratorDeactivated;

    fn name(&self) -> CommandName {
        CommandName::DeactivateAdministrator
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

    fn decide(&self, case: &Case<'_>) -> Result<AdministratorDeactivated, No> {
        let watchdog = matches!(case.caller(), Caller::System(WATCHDOG));
        if !watchdog {
            case.require(Permission::ManageAdministrators)?;
        }
        let target = case.administrator(self.administrator)?;
        if case.is_self(target.id) {
            return Err(RefusalCode::SelfDeactivation.into());
        }
        if watchdog {
            // By policy, and for one reason alone: it stands in for nobody's rank.
            require_open_reset(case, target)?;
        } else {
            case.require_rank(target)?;
        }
        if !target.active {
            return Err(RefusalCode::AdministratorInactive.into());
        }
        if case.is_last_super_administrator(target) {
            return Err(RefusalCode::LastSuperAdmin.into());
        }
        let sessions_ended = case.count_sessions(target, None);
        Ok(AdministratorDeactivated { administrator: target.id, sessions_ended, note: case.annex() })
    }
}

/// An account whose MFA was reset, and is still off.
fn require_open_reset(case: &Case<'_>, target: &Administrator) -> Result<(), No> {
    let open = target.mfa.enrolled.is_none() && case.state().resets.open_of(target.id).is_some();
    if open { Ok(()) } else { Err(RefusalCode::PermissionDenied.into()) }
}
