//! Chooses one's own password.

use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::PasswordSet;
use mfa_ledger_schemas::{AdministratorId, CommandName, RefusalCode};
use mfa_ledger_wiped::SecretText;

use super::password::is_acceptable;
use crate::{Asks, Case, Evidence, NewSecret, No, Question, Undecided, UseCase, delay};

#[derive(Clone, Debug)]
pub struct SetPassword {
    pub current: SecretText,
    pub new: SecretText,
}

impl UseCase for SetPassword {
    type Ending = PasswordSet;

    fn name(&self) -> CommandName {
        CommandName::SetPassword
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::TYPED
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        case.own()
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        let own = case.own().and_then(|id| case.state().directory.administrator(id));
        match own {
            Some(own) if delay::wait(own.throttles.own_password, case.now).is_none() => Question::Password {
                with: Some((own.id, own.password.credential)),
                like: None,
                typed: &self.current,
            },
            // Too early: the rules refuse it, and hashing would only cost time.
            Some(_) | None => Question::Nothing,
        }
    }

    fn new_secret(&self, _: &State) -> Option<NewSecret<'_>> {
        Some(NewSecret::ChosenPassword(&self.new))
    }

    fn decide(&self, case: &Case<'_>) -> Result<PasswordSet, No> {
        let acting = case.acting()?;
        let target = acting.administrator;
        // Otherwise an open session would be a place to guess passwords at full speed.
        let throttle = target.throttles.own_password;
        if let Some(next) = delay::wait(throttle, case.now) {
            return Err(No::Refused(RefusalCode::WrongPassword, Some(next)));
        }
        match case.evidence() {
            Evidence::Password { credential: Some(credential), fits }
                if credential == target.password.credential =>
            {
                if !fits {
                    let failed = delay::after_failure(throttle, case.now);
                    return Err(No::Refused(RefusalCode::WrongPassword, failed.next_attempt));
                }
            }
            Evidence::Password { .. }
            | Evidence::Nothing
            | Evidence::Totp { .. }
            | Evidence::BackupCode { .. }
            | Evidence::Words { .. }
            | Evidence::Requester { .. } => return Err(Undecided::StaleEvidence.into()),
        }
        if !is_acceptable(self.new.expose(), &target.user_name) {
            return Err(RefusalCode::PasswordUnacceptable.into());
        }
        Ok(PasswordSet {
            administrator: target.id,
            password: case.credential(),
            replaced: target.password.credential,
            sessions_ended: case.count_sessions(target, Some(acting.session.id)),
        })
    }
}
