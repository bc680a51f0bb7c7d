//! RFC 9457 problems: the one shape of everything that is not a success.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::problem::{self as api, Fault};
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_ledger::service::{Denied, Failed, Failure, NotSearched, Rejected, Rejection};
use mfa_ledger_schemas::{FactorFailure, FactorUse, Instant, LogInFailure, Position, RefusalCode};

use super::problems;
use super::receipt::position_header;

/// Room on a disk is made by people or by jobs that run now and then.
const READ_ONLY_RETRY_SECONDS: u64 = 30;

/// The problems of those who may not see something.
pub(crate) const UNSEEN: [&str; 2] = ["permission-denied", "mfa-not-available"];

/// What went wrong, and when to come again.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub said: api::Problem,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem of a kind that [`problems`] lists.
    pub fn new(code: &'static str) -> Self {
        let page = problems::page(code);
        let said = api::Problem {
            r#type: format!("/problems/{code}"),
            title: page.title.to_owned(),
            status: page.status.as_u16(),
            code: code.to_owned(),
            ..api::Problem::default()
        };
        Self { said, retry_after: None }
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.said.detail = Some(detail.into());
        self
    }

    pub fn fault(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.said.errors.push(Fault { pointer: pointer.into(), detail: detail.into() });
        self
    }

    pub fn at(mut self, position: Position) -> Self {
        self.said.position = Some(position);
        self
    }

    /// When it may be tried again, as a moment and in seconds from `now`.
    pub fn retry(mut self, retry_at: Option<Instant>, now: Instant) -> Self {
        self.said.retry_at = retry_at;
        self.retry_after = retry_at.map(|at| at.seconds_since(now).max(1));
        self
    }

    /// To be tried again in so many seconds.
    pub fn retry_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A wrong parameter of the query or path.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new("invalid-request").fault(name, detail)
    }

    pub fn unauthenticated() -> Self {
        Self::new("unauthenticated")
    }

    pub fn code_of(code: RefusalCode) -> Self {
        Self::new(code.name())
    }

    pub fn rejected(rejected: Rejected, now: Instant) -> Self {
        let position = rejected.receipt.position;
        match rejected.why {
            Rejection::Refused(code, retry_at) => Self::code_of(code).at(position).retry(retry_at, now),
            // No position, no cause: the same answer in every case.
            Rejection::Failed(Failed::LogIn(failed)) => match failed.cause {
                LogInFailure::Throttled => Self::new("too-many-attempts").retry(failed.next_attempt, now),
                _ => Self::new("log-in-failed"),
            },
            Rejection::Failed(Failed::SecondFactor(failed)) => match (failed.cause, failed.used_for) {
                (FactorFailure::Throttled, _) => {
                    Self::new("too-many-attempts").retry(failed.next_attempt, now).at(position)
                }
                (FactorFailure::Blocked, _) => Self::new("second-factor-blocked").at(position),
                (_, FactorUse::LogIn) => Self::new("second-factor-failed").at(position),
                _ => Self::new("code-not-accepted").at(position),
            },
        }
    }
}

/// What was found, or nothing where one of these problems is in the way.
pub(crate) fn unless<T>(codes: &[&str], found: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(problem) if codes.contains(&problem.said.code.as_str()) => Ok(None),
        Err(problem) => Err(problem),
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::unauthenticated(),
            Denied::Refused(code) => Self::code_of(code),
        }
    }
}

impl From<NotSearched> for Problem {
    fn from(why: NotSearched) -> Self {
        match why {
            NotSearched::Denied(denied) => denied.into(),
            NotSearched::Failure(failure) => failure.into(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unauthenticated => Self::unauthenticated(),
            Failure::KeyReused => Self::new("idempotency-key-reused"),
            Failure::TooLarge => Self::new("record-too-large"),
            // The guard has told why, once; how much room there is is the operator's to know.
            Failure::ReadOnly(_) => Self::new("read-only").retry_in(READ_ONLY_RETRY_SECONDS),
            Failure::Busy => Self::new("busy").retry_in(1),
            Failure::Vault(error) => {
                tracing::error!(error = error_chain(&error), "a command was not recorded");
                Self::new("vault-unavailable").retry_in(5)
            }
            Failure::Unavailable(error) => {
                tracing::error!(error = error_chain(&*error), "a command was not recorded");
                Self::new("log-unavailable").retry_in(5)
            }
            Failure::Unknown(error) => {
                tracing::error!(error = error_chain(&*error), "whether a command was recorded is not known");
                Self::new("outcome-unknown").retry_in(5)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.said.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.said).expect("a problem is JSON");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(position) = self.said.position {
            position_header(headers, position);
        }
        response
    }
}
