//! What the API says when it does not do as it was asked.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::problem::Problem;

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The API refuses.
    Refused(Box<Problem>),
    /// Something is broken here; told to the operator, not to the viewer.
    Broken(String),
}

/// Whether a problem says no more than that there is nothing for this viewer to see.
pub(super) fn is_about_sight(problem: &Problem) -> bool {
    matches!(problem.code.as_str(), "not-found" | "permission-denied" | "mfa-not-available")
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
