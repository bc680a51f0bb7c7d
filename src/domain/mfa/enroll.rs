//! Begins an enrollment.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::MfaEnrollmentStarted;
use mfa_ledger_schemas::{AdministratorId, CommandName};

use super::enrolling;
use crate::{Asks, Case, NewSecret, No, Shows, UseCase};

#[derive(Clone, Copy, Debug)]
pub struct EnrollMfa;

impl UseCase for EnrollMfa {
    type Ending = MfaEnrollmentStarted;

    fn name(&self) -> CommandName {
        CommandName::EnrollMfa
    }

    /// In a stolen open session nobody enrolls an authenticator of their own, which would then prove every other command.
    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::LOG_IN
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::TotpSeed)
    }

    fn shows(ending: &MfaEnrollmentStarted) -> Shows {
        Shows::Seed { administrator: ending.administrator, credential: ending.credential }
    }

    fn decide(&self, case: &Case<'_>) -> Result<MfaEnrollmentStarted, No> {
        let target = enrolling(case)?.administrator;
        let minutes = case.settings().enrollment_minutes;
        Ok(MfaEnrollmentStarted {
            administrator: target.id,
            credential: case.credential(),
            replaced: target.mfa.pending.as_ref().map(|pending| pending.credential),
            expires: case.now.plus_minutes(minutes.into()),
        })
    }
}
