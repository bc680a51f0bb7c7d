//! How a command ends when it does not end well.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use axum::http::StatusCode;
use mfa_ledger_api::refusal;
use mfa_ledger_schemas::RefusalCode;

use crate::config::ConfigError;
use crate::data_dir::StartError;
use crate::follow::anchor::MemoryError;
use crate::server::ServeError;
use crate::service::{Denied, Failure, NotSearched, PastError, Rejected, Rejection, guard};
use crate::witness::WitnessError;

/// The exit codes; the help of the program lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Nobody reads the output any more: nothing went wrong.
    Quiet = 0,
    Failed = 1,
    Usage = 2,
    Remote = 3,
    NotAllowed = 4,
    NotFound = 5,
    Conflict = 6,
    Tampering = 10,
}

impl Exit {
    /// How a command ends that a server answered with `status`, other than a success.
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 | 403 => Self::NotAllowed,
            404 => Self::NotFound,
            409 | 412 => Self::Conflict,
            400 | 422 | 429 => Self::Failed,
            _ => Self::Remote,
        }
    }

    /// How a command ends that a rule refused: the same with a server and without one.
    fn of_refusal(code: RefusalCode) -> Self {
        Self::of_status(refusal::status(code))
    }
}

/// Why, and what is to be done about it.
#[derive(Debug)]
pub(super) struct Failed {
    exit: Exit,
    message: String,
    advice: Option<String>,
}

impl Failed {
    pub fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into(), advice: None }
    }

    pub fn with(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, ..Self::new(message) }
    }

    /// The reader of the output has gone.
    pub fn quiet() -> Self {
        Self::with(Exit::Quiet, "")
    }

    /// Adds what lies beneath, down to the ground.
    pub fn because(mut self, cause: &dyn Error) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.message = format!("{}: {error}", self.message);
            next = error.source();
        }
        self
    }

    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    pub fn is_not_found(&self) -> bool {
        self.exit == Exit::NotFound
    }

    /// Whether the other side was lost, and may be back later.
    pub fn is_remote(&self) -> bool {
        self.exit == Exit::Remote
    }

    /// The commands of its advice are about this directory.
    pub fn about(mut self, data_dir: Option<&Path>) -> Self {
        let lacks_it = |advice: &String| advice.contains("mfa-ledger ") && !advice.contains("--data-dir");
        if let (Some(advice), Some(dir)) = (self.advice.as_ref().filter(|it| lacks_it(it)), data_dir) {
            self.advice =
                Some(format!("{advice}. Add to each of these commands: --data-dir {}", dir.display()));
        }
        self
    }

    /// The message and the advice, for whoever tells them elsewhere.
    pub fn told(self) -> (String, Option<String>) {
        (self.message, self.advice)
    }

    /// Says it on standard error.
    pub fn report(self) -> ExitCode {
        if self.exit != Exit::Quiet {
            eprintln!("mfa-ledger: {}", self.message);
            if let Some(advice) = self.advice {
                eprintln!("{advice}");
            }
        }
        ExitCode::from(self.exit as u8)
    }

    pub fn rejected(rejected: &Rejected) -> Self {
        let position = rejected.receipt.position;
        let at = format!("refused: {} (recorded at position {position})", rejected.code());
        let message = match rejected.why {
            Rejection::Refused(_, Some(retry_at)) => format!("{at}; it may be tried again at {retry_at}"),
            Rejection::Refused(_, None) | Rejection::Failed(_) => at,
        };
        Self::with(Exit::of_refusal(rejected.code()), message)
    }
}

fn chain(error: &dyn Error) -> Failed {
    let failed = Failed::new(error.to_string());
    match error.source() {
        Some(source) => failed.because(source),
        None => failed,
    }
}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        let mut failed = chain(&error);
        failed.advice = error.advice();
        failed.exit = match error {
            _ if error.is_integrity() => Exit::Tampering,
            StartError::AlreadyInitialised(_) => Exit::Conflict,
            StartError::AnchorMemory(MemoryError::Unknown(_)) => Exit::NotFound,
            _ => Exit::Failed,
        };
        failed
    }
}

impl From<ServeError> for Failed {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::DataDir(error) => error.into(),
            error => Self { advice: error.advice(), ..chain(&error) },
        }
    }
}

impl From<WitnessError> for Failed {
    fn from(error: WitnessError) -> Self {
        let mut failed = chain(&error);
        failed.advice = error.advice();
        failed.exit = match error {
            _ if error.is_integrity() => Exit::Tampering,
            WitnessError::KeyExists(_) => Exit::Conflict,
            WitnessError::LogMalformed { .. } | WitnessError::NotALogKey(_) | WitnessError::Logs(_) => {
                Exit::Usage
            }
            _ => Exit::Failed,
        };
        failed
    }
}

impl From<ConfigError> for Failed {
    fn from(error: ConfigError) -> Self {
        chain(&error).advise("mfa-ledger config template prints every setting with its default")
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        let failed = chain(&failure);
        if matches!(failure, Failure::ReadOnly(_)) { failed.advise(guard::ADVICE) } else { failed }
    }
}

/// As the API has it: 404, 422 and 503.
impl From<PastError> for Failed {
    fn from(error: PastError) -> Self {
        let mut failed = chain(&error);
        if matches!(error, PastError::BeforeFirst { .. }) {
            failed.exit = Exit::NotFound;
        }
        failed
    }
}

impl From<NotSearched> for Failed {
    fn from(why: NotSearched) -> Self {
        match why {
            NotSearched::Denied(denied) => denied.into(),
            NotSearched::Failure(failure) => failure.into(),
        }
    }
}

impl From<Denied> for Failed {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::with(Exit::NotAllowed, "nobody known asks"),
            Denied::Refused(code) => Self::with(Exit::of_refusal(code), format!("refused: {code}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_ends_as_its_status_says() {
        let newer = RefusalCode::Unknown(u8::MAX);
        for code in RefusalCode::ALL.iter().copied().chain([newer]) {
            let status = refusal::status(code);
            let expected = match status {
                StatusCode::FORBIDDEN => Exit::NotAllowed,
                StatusCode::NOT_FOUND => Exit::NotFound,
                StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Exit::Conflict,
                StatusCode::UNPROCESSABLE_ENTITY | StatusCode::TOO_MANY_REQUESTS => Exit::Failed,
                other => panic!("{code}: {other} is no status of a refusal"),
            };
            let offline = Failed::from(Denied::Refused(code)).exit;
            assert_eq!((offline, Exit::of_status(status)), (expected, expected), "{code}");
        }
    }
}
