//! Ends all sessions of somebody.

use mfa_ledger_schemas::bodies::SessionsRevoked;
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission};

use crate::{Asks, Case, No, UseCase};

#[derive(Clone, Debug)]
pub struct RevokeSessions {
    pub administrator: AdministratorId,
}

impl UseCase for RevokeSessions {
    type Ending = SessionsRevoked;

    fn name(&self) -> CommandName {
        CommandName::RevokeSessions
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::STEP_UP_FOR_OTHERS
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn decide(&self, case: &Case<'_>) -> Result<SessionsRevoked, No> {
        if case.is_self(self.administrator) {
            case.acting()?;
        } else {
            case.require(Permission::ManageAdministrators)?;
        }
        let target = case.administrator(self.administrator)?;
        case.require_rank(target)?;
        let sessions_ended = case.count_sessions(target, None);
        Ok(SessionsRevoked { administrator: target.id, sessions_ended })
    }
}
