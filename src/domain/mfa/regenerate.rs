//! Replaces one's own backup codes.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::BackupCodesRegenerated;
use mfa_ledger_schemas::{AdministratorId, CommandName, Factor, FactorUse, RefusalCode};

use super::BACKUP_CODES;
use crate::evidence::TypedFactor;
use crate::second_factor::{self, Accepted};
use crate::{Asks, Case, NewSecret, No, Question, UseCase};

#[derive(Clone, Debug)]
pub struct RegenerateBackupCodes {
    pub factor: TypedFactor,
}

impl UseCase for RegenerateBackupCodes {
    type Ending = BackupCodesRegenerated;

    fn name(&self) -> CommandName {
        CommandName::RegenerateBackupCodes
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::TYPED
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        // A backup code is not compared: see the rule below.
        match &self.factor {
            TypedFactor::Code(_) => {
                second_factor::question(case, case.own(), &self.factor, FactorUse::BackupCodes)
            }
            TypedFactor::BackupCode(_) => Question::Nothing,
        }
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::BackupCodes)
    }

    fn decide(&self, case: &Case<'_>) -> Result<BackupCodesRegenerated, No> {
        let acting = case.acting()?;
        let target = acting.administrator;
        let enrolled = target.mfa.enrolled.as_ref().ok_or(RefusalCode::MfaNotEnabled)?;
        // A code of the old set does not buy a new set: a finder of the paper would keep access. It is not compared
        // either, or the answer would tell a good code from a bad one without using it up.
        if self.factor.factor() == Factor::BackupCode {
            return Err(RefusalCode::NotVerified.into());
        }
        let session = Some(acting.session.id);
        let Accepted::Totp { step } =
            second_factor::check(case, target, Factor::Totp, FactorUse::BackupCodes, session)?
        else {
            return Err(RefusalCode::NotVerified.into());
        };
        Ok(BackupCodesRegenerated {
            administrator: target.id,
            backup_codes: case.credential(),
            backup_codes_count: BACKUP_CODES,
            replaced: enrolled.backup_codes,
            replaced_left: u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX),
            step,
        })
    }
}
