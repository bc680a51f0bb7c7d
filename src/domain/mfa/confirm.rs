//! Confirms an enrollment with a first code.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::MfaEnabled;
use mfa_ledger_schemas::{AdministratorId, CommandName, Factor, FactorUse, RefusalCode};
use mfa_ledger_wiped::SecretText;

use super::{BACKUP_CODES, enrolling};
use crate::second_factor::{self, Accepted};
use crate::{Asks, Case, NewSecret, No, Question, UseCase};

#[derive(Clone, Debug)]
pub struct ConfirmMfaEnrollment {
    pub code: SecretText,
}

impl UseCase for ConfirmMfaEnrollment {
    type Ending = MfaEnabled;

    fn name(&self) -> CommandName {
        CommandName::ConfirmMfaEnrollment
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::TYPED
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        second_factor::question_of_pending(case, &self.code)
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::BackupCodes)
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaEnabled, No> {
        let acting = enrolling(case)?;
        let target = acting.administrator;
        let pending = target.mfa.pending.as_ref().filter(|pending| pending.expires > case.now);
        let pending = pending.ok_or(RefusalCode::NoPendingEnrollment)?;
        let session = acting.session.id;
        let Accepted::Totp { step } =
            second_factor::check(case, target, Factor::Totp, FactorUse::Enrollment, Some(session))?
        else {
            return Err(RefusalCode::NoPendingEnrollment.into());
        };
        Ok(MfaEnabled {
            administrator: target.id,
            credential: pending.credential,
            step,
            backup_codes: case.credential(),
            backup_codes_count: BACKUP_CODES,
            session,
            expires: case.session_end(),
            sessions_ended: case.count_sessions(target, Some(session)),
        })
    }
}
