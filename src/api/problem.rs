//! RFC 9457 problems: the one shape of everything that is not a success.

use http::StatusCode;
use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A page that explains this kind of problem; stable.
    #[schema(format = "uri-reference")]
    pub r#type: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The kind as a word; stable, the end of `type`.
    pub code: String,
    /// What happened this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The record of the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// When it may be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Instant>,
    /// What is wrong with which part of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

/// One part of a request that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    /// What would be right.
    pub detail: String,
}

impl Problem {
    /// One that a client has itself, in the words of the API.
    pub fn new(code: &str, status: StatusCode) -> Self {
        Self { code: code.to_owned(), status: status.as_u16(), ..Self::default() }
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Whether it is of a kind.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }
}
