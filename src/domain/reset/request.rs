//! Files a request that somebody's MFA be reset.

use mfa_ledger_schemas::bodies::{MfaResetRequested, ResetStory};
use mfa_ledger_schemas::{AdministratorId, CommandName, Permission, RefusalCode, ResetRequestId, Scope};

use super::Documented;
use super::known::{active, resettable};
use crate::{Asks, Caller, Case, No, Question, ToSeal, UseCase};

#[derive(Clone, Debug)]
pub struct RequestMfaReset {
    pub administrator: AdministratorId,
    pub documented: Documented,
}

impl UseCase for RequestMfaReset {
    type Ending = MfaResetRequested;

    fn name(&self) -> CommandName {
        CommandName::RequestMfaReset
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        self.documented.question(case.state().directory.administrator(self.administrator))
    }

    fn to_seal(&self) -> ToSeal {
        self.documented.to_seal()
    }

    fn story(&self, case: &Case<'_>) -> Option<ResetStory> {
        Some(self.documented.story(case))
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaResetRequested, No> {
        let settings = case.settings();
        if !settings.mfa_available {
            return Err(RefusalCode::MfaNotAvailable.into());
        }
        case.require_or_scope(Permission::ManageMfa, Scope::RequestReset)?;
        let target = match case.caller() {
            // A ticket system has no rank: the people who approve and perform have.
            Caller::ServiceAccount(_) => active(case, self.administrator)?,
            Caller::Session { .. }
            | Caller::Operator(_)
            | Caller::System(_)
            | Caller::NoticeLink(_)
            | Caller::Anonymous => resettable(case, self.administrator)?,
        };
        if target.mfa.enrolled.is_none() {
            return Err(RefusalCode::MfaNotEnabled.into());
        }
        self.documented.check(case, target)?;
        Ok(MfaResetRequested {
            reset_request: case.fresh(ResetRequestId::from_bytes),
            administrator: target.id,
            story: self.documented.story(case),
            expires: case.now.plus_hours(settings.reset_request_hours.into()),
        })
    }
}
