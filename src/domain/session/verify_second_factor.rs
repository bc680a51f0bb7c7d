//! Proves a second factor, to finish a log-in or to step up.

use mfa_ledger_schemas::{AdministratorId, CommandName, FactorUse, SessionStage};

use crate::evidence::TypedFactor;
use crate::second_factor::{self, InSession, Verified};
use crate::{Asks, Case, No, Question, UseCase};

#[derive(Clone, Debug)]
pub struct VerifySecondFactor {
    pub factor: TypedFactor,
}

impl UseCase for VerifySecondFactor {
    type Ending = Verified;

    fn name(&self) -> CommandName {
        CommandName::VerifySecondFactor
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::TYPED
    }

    /// One code, one yes.
    fn is_repeatable(&self) -> bool {
        false
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        second_factor::question(case, case.own(), &self.factor, FactorUse::LogIn)
    }

    fn decide(&self, case: &Case<'_>) -> Result<Verified, No> {
        let acting = case.acting_at(&[SessionStage::Verify, SessionStage::Done])?;
        let finishes = crate::policy::stage(&case.state().directory, acting.session) == SessionStage::Verify;
        let used_for = if finishes { FactorUse::LogIn } else { FactorUse::StepUp };
        let expires = if finishes { case.session_end() } else { acting.session.expires };
        let session = InSession { id: acting.session.id, expires };
        let known = acting.administrator.knows(case.address());
        second_factor::verify(
            case,
            acting.administrator,
            self.factor.factor(),
            used_for,
            Some(session),
            known,
        )
    }
}
