//! A host application asks whether somebody's second factor is good.

use mfa_ledger_schemas::{AdministratorId, CommandName, FactorUse, Permission, RefusalCode, Scope};

use crate::evidence::TypedFactor;
use crate::second_factor::{self, Verified};
use crate::{Asks, Caller, Case, No, Question, UseCase, policy};

#[derive(Clone, Debug)]
pub struct VerifyForHost {
    pub administrator: AdministratorId,
    pub factor: TypedFactor,
}

impl UseCase for VerifyForHost {
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

    fn target(&self, _: &Case<'_>) -> Option<AdministratorId> {
        Some(self.administrator)
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        let whose = may_ask(case).then_some(self.administrator);
        second_factor::question(case, whose, &self.factor, FactorUse::HostApplication)
    }

    fn decide(&self, case: &Case<'_>) -> Result<Verified, No> {
        let Caller::ServiceAccount(_) = case.caller() else {
            return Err(RefusalCode::PermissionDenied.into());
        };
        case.require_or_scope(Permission::ManageSettings, Scope::VerifySecondFactor)?;
        let target = case.administrator(self.administrator)?;
        if !case.settings().mfa_available {
            return Err(RefusalCode::MfaNotAvailable.into());
        }
        if !target.can_log_in() {
            return Err(RefusalCode::AdministratorInactive.into());
        }
        let factor = self.factor.factor();
        second_factor::verify(case, target, factor, FactorUse::HostApplication, None, true)
    }
}

/// Nothing is compared for a caller who may not ask.
fn may_ask(case: &Case<'_>) -> bool {
    let Caller::ServiceAccount(id) = case.caller() else { return false };
    policy::live_account(&case.state().directory, *id, case.now)
        .is_some_and(|account| account.scopes.contains(&Scope::VerifySecondFactor))
}
