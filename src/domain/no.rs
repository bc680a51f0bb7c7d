//! Why a command does not end in its event.

use mfa_ledger_schemas::bodies::{LogInFailed, SecondFactorFailed};
use mfa_ledger_schemas::{Event, Instant, RefusalCode};

use crate::Undecided;

/// Why a command does not end in its event.
#[derive(Clone, Debug, PartialEq)]
pub enum No {
    /// A rule refuses it; the record says so. With the moment when it may be tried again.
    Refused(RefusalCode, Option<Instant>),
    /// What proves the caller is not good; the record says so.
    Failed(Failed),
    /// Nothing can be said yet.
    Undecided(Undecided),
}

/// A log-in or a second factor that is not good.
#[derive(Clone, Debug, PartialEq)]
pub enum Failed {
    LogIn(LogInFailed),
    SecondFactor(SecondFactorFailed),
}

impl From<Failed> for Event {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::LogIn(event) => event.into(),
            Failed::SecondFactor(event) => event.into(),
        }
    }
}

impl From<LogInFailed> for No {
    fn from(failed: LogInFailed) -> Self {
        Self::Failed(Failed::LogIn(failed))
    }
}

impl From<SecondFactorFailed> for No {
    fn from(failed: SecondFactorFailed) -> Self {
        Self::Failed(Failed::SecondFactor(failed))
    }
}

impl From<Undecided> for No {
    fn from(undecided: Undecided) -> Self {
        Self::Undecided(undecided)
    }
}

impl No {
    /// Whether the caller may not, whatever the target is like.
    pub(crate) fn is_about_the_caller(&self) -> bool {
        match self {
            Self::Undecided(_) => true,
            Self::Failed(_) => false,
            Self::Refused(code, _) => matches!(
                code,
                RefusalCode::PermissionDenied
                    | RefusalCode::SecondFactorRequired
                    | RefusalCode::EnrollmentRequired
            ),
        }
    }
}

impl From<RefusalCode> for No {
    fn from(code: RefusalCode) -> Self {
        Self::Refused(code, None)
    }
}
