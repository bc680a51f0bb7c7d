//! Logs in with user name and password.

use mfa_ledger_projections::{Administrator, Throttle};
use mfa_ledger_schemas::bodies::{LogInFailed, SessionStarted};
use mfa_ledger_schemas::{
    AdministratorId, CommandName, Instant, LogInFailure, SessionId, SessionStage, StreamName,
};
use mfa_ledger_wiped::SecretText;

use crate::policy::password_throttle;
use crate::{Asks, Case, Evidence, No, Question, Shows, Undecided, UseCase, delay};

/// How long a session may wait for its second factor, in minutes.
const VERIFY_MINUTES: i64 = 10;

#[derive(Clone, Debug)]
pub struct LogIn {
    pub user_name: String,
    /// Keyed hash of the user name, recorded in its place when nobody has it.
    pub name_hash: String,
    pub password: SecretText,
}

impl UseCase for LogIn {
    type Ending = SessionStarted;

    fn name(&self) -> CommandName {
        CommandName::LogIn
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::TYPED
    }

    /// The answer is a session: a key would hand it out twice.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// A caller who logs in anew may still carry a session that is over.
    fn authenticates(&self) -> bool {
        false
    }

    fn target(&self, case: &Case<'_>) -> Option<AdministratorId> {
        self.known(case).map(|it| it.id)
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        Some(self.target(case).map_or(StreamName::Strangers, StreamName::Administrator))
    }

    fn question(&self, case: &Case<'_>) -> Question<'_> {
        let known = self.known(case);
        let throttle = password_throttle(&case.state().directory, known, &self.name_hash, case.address());
        if delay::wait(throttle, case.now).is_some() {
            return Question::Nothing;
        }
        let password = |it: &Administrator| (it.id, it.password.credential);
        let like = if known.is_none() { self.stand_in(case).map(password) } else { None };
        Question::Password { with: known.map(password), like, typed: &self.password }
    }

    fn shows(ending: &SessionStarted) -> Shows {
        Shows::SessionToken(ending.session)
    }

    fn decide(&self, case: &Case<'_>) -> Result<SessionStarted, No> {
        let Some(target) = case.by_user_name(&self.user_name) else {
            case.note(StreamName::Strangers);
            return Err(self.fail_unknown(case));
        };
        let known = target.knows(case.address());
        let throttle =
            password_throttle(&case.state().directory, Some(target), &self.name_hash, case.address());
        let fail = |cause: LogInFailure, throttle: Throttle| {
            Err(LogInFailed {
                administrator: Some(target.id),
                unknown_name: None,
                cause,
                device_known: known,
                consecutive: throttle.consecutive,
                next_attempt: throttle.next_attempt,
            }
            .into())
        };
        if delay::wait(throttle, case.now).is_some() {
            return fail(LogInFailure::Throttled, throttle);
        }
        let fits = match case.evidence() {
            Evidence::Password { credential: Some(credential), fits }
                if credential == target.password.credential =>
            {
                fits
            }
            Evidence::Password { .. }
            | Evidence::Nothing
            | Evidence::Totp { .. }
            | Evidence::BackupCode { .. }
            | Evidence::Words { .. }
            | Evidence::Requester { .. } => return Err(Undecided::StaleEvidence.into()),
        };
        match obstacle(case, target, known, fits) {
            Some(obstacle) => fail(obstacle, delay::after_failure(throttle, case.now)),
            None => Ok(start(case, target, known)),
        }
    }
}

impl LogIn {
    fn known<'a>(&self, case: &Case<'a>) -> Option<&'a Administrator> {
        case.state().directory.by_user_name(&self.user_name)
    }

    /// An account that stands in for a name that nobody has: the same one each time, and each as likely as the next.
    fn stand_in<'a>(&self, case: &Case<'a>) -> Option<&'a Administrator> {
        let mut all = case.state().directory.administrators();
        let number =
            self.name_hash.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let place = number.checked_rem(all.len())?;
        all.nth(place)
    }

    fn fail_unknown(&self, case: &Case<'_>) -> No {
        let throttle = password_throttle(&case.state().directory, None, &self.name_hash, case.address());
        let (why, throttle) = if delay::wait(throttle, case.now).is_some() {
            (LogInFailure::Throttled, throttle)
        } else if matches!(case.evidence(), Evidence::Password { credential: None, .. }) {
            (LogInFailure::UnknownUser, delay::after_failure(throttle, case.now))
        } else {
            return Undecided::StaleEvidence.into();
        };
        LogInFailed {
            administrator: None,
            unknown_name: Some(self.name_hash.clone()),
            cause: why,
            device_known: false,
            consecutive: throttle.consecutive,
            next_attempt: throttle.next_attempt,
        }
        .into()
    }
}

/// Why a password that was compared does not open a session. Whatever the reason, the caller hears the
/// same and the failure counts the same.
fn obstacle(case: &Case<'_>, target: &Administrator, known: bool, fits: bool) -> Option<LogInFailure> {
    if target.password.blocked(known) {
        Some(LogInFailure::Blocked)
    } else if !fits {
        Some(LogInFailure::WrongPassword)
    } else if !target.active {
        Some(LogInFailure::Inactive)
    } else if target.frozen {
        Some(LogInFailure::Frozen)
    } else if target.password.is_expired(case.now) && !case.is_last_super_administrator(target) {
        Some(LogInFailure::PasswordExpired)
    } else {
        None
    }
}

fn start(case: &Case<'_>, target: &Administrator, known: bool) -> SessionStarted {
    let settings = case.settings();
    case.role(&target.role);
    let (stage, expires): (_, Instant) = if settings.mfa_available && target.mfa.enrolled.is_some() {
        (SessionStage::Verify, case.now.plus_minutes(VERIFY_MINUTES))
    } else if case.state().directory.mfa_required(target) {
        (SessionStage::Enroll, case.session_end())
    } else {
        (SessionStage::Done, case.session_end())
    };
    SessionStarted {
        administrator: target.id,
        session: case.fresh(SessionId::from_bytes),
        stage,
        expires,
        device_known: known,
        password_change_due: target.password.expires.is_some(),
    }
}
