//! Disables one's own MFA.

use mfa_ledger_schemas::bodies::MfaDisabled;
use mfa_ledger_schemas::{AdministratorId, CommandName, FactorUse, RefusalCode};

use crate::evidence::TypedFactor;
use crate::second_factor::{self, Accepted};
use crate::{Asks, Case, No, Question, UseCase};

#[derive(Clone, Debug)]
pub struct DisableMfa {
    pub factor: TypedFactor,
}

impl UseCase for DisableMfa {
    type Ending = MfaDisabled;

    fn name(&self) -> CommandName {
        CommandName::DisableMfa
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::TYPED
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        second_factor::question(case, case.own(), &self.factor, FactorUse::Disable)
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaDisabled, No> {
        let acting = case.acting()?;
        let (target, session) = (acting.administrator, acting.session.id);
        let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
        if case.state().directory.mfa_required(target) {
            return Err(RefusalCode::MfaRequired.into());
        }
        let factor = self.factor.factor();
        let step = match second_factor::check(case, target, factor, FactorUse::Disable, Some(session))? {
            Accepted::Totp { step } => Some(step),
            Accepted::BackupCode { .. } => None,
        };
        Ok(MfaDisabled {
            administrator: target.id,
            credential: enrolled.credential,
            backup_codes: enrolled.backup_codes,
            backup_codes_left: u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX),
            factor,
            step,
            sessions_ended: case.count_sessions(target, Some(session)),
        })
    }
}
