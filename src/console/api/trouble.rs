//! What the API says when it does not do as it was asked.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_schemas::{Instant, Position};
use serde::Deserialize;

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The API refuses.
    Refused(Box<Problem>),
    /// Something is broken here; told to the operator, not to the viewer.
    Broken(String),
}

/// A problem as the API tells it (RFC 9457).
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Problem {
    pub title: String,
    pub status: u16,
    pub code: String,
    pub detail: Option<String>,
    /// The record of the refusal.
    pub position: Option<Position>,
    pub retry_at: Option<Instant>,
    #[serde(default)]
    pub errors: Vec<Fault>,
}

/// One part of a request that is wrong.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fault {
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    /// One that the console itself has, in the API's words.
    pub fn new(code: &str, status: StatusCode) -> Self {
        Self { code: code.to_owned(), status: status.as_u16(), ..Self::default() }
    }

    /// Whether it says no more than that there is nothing for this viewer to see.
    pub fn is_about_sight(&self) -> bool {
        matches!(self.code.as_str(), "not-found" | "permission-denied" | "mfa-not-available")
    }

    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// The status of the page that shows it.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Trouble {
    pub fn broken(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }

    pub fn new(code: &str, status: StatusCode) -> Self {
        Self::Refused(Box::new(Problem::new(code, status)))
    }

    /// There is nothing under this address.
    pub fn missing() -> Self {
        Self::new("not-found", StatusCode::NOT_FOUND)
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(problem) => problem.status(),
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The problem that a page shows beside what was asked for: the question is wrong, not who asks it.
    pub fn for_query(self) -> Result<Problem, Self> {
        /// Questions about moments that there are not.
        const MOMENTS: [&str; 4] = ["before-the-log", "moment-not-come", "range-reversed", "empty-range"];
        match self {
            Self::Refused(problem)
                if matches!(problem.status, 400 | 422) || MOMENTS.contains(&problem.code.as_str()) =>
            {
                Ok(*problem)
            }
            other => Err(other),
        }
    }

    /// The problem that a form shows beside its fields; everything else is a page of its own.
    pub fn for_form(self) -> Result<Problem, Self> {
        match self {
            Self::Refused(problem) if !matches!(problem.code.as_str(), "unauthenticated" | "not-found") => {
                Ok(*problem)
            }
            other => Err(other),
        }
    }
}

/// Rendered by whoever knows the viewer's language: see `around`.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Self::Refused(problem) = &self
            && problem.status == StatusCode::SERVICE_UNAVAILABLE.as_u16()
        {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
