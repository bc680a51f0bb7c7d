//! Answers that show a secret: written into memory that is wiped once they are sent.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_base::wiped::to_json;
use serde::Serialize;

use super::problem::Problem;

/// JSON with a secret in it; in place of [`axum::Json`], whose buffer would stay as it is.
#[derive(Debug)]
pub(crate) struct Shown<T>(pub T);

impl<T: Serialize> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        match to_json(&self.0) {
            Ok(json) => {
                let mut response = Response::new(Body::from(json.into_bytes()));
                let kind = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                Problem::new("internal-error").into_response()
            }
        }
    }
}
