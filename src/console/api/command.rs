//! What a form asks of the API.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, header};
use mfa_ledger_api::header::IDEMPOTENCY_KEY;
use mfa_ledger_api::nulls::without_nulls;
use mfa_ledger_base::wiped::{Buffer, has_null, to_json};
use serde::Serialize;

use super::Trouble;

/// A command as it is sent. Repeated under the same key it is carried out once.
pub(crate) struct Command {
    method: Method,
    path: String,
    key: String,
    /// Only what is still at this version is to be changed.
    version: Option<HeaderValue>,
    body: Buffer,
}

impl Command {
    /// An empty `key` is none.
    pub fn new(
        method: Method,
        path: impl Into<String>,
        key: &str,
        body: &impl Serialize,
    ) -> Result<Self, Trouble> {
        let mut json = to_json(body).map_err(Trouble::broken)?;
        // The API takes no `null`. What holds a secret never has one, and is not taken apart.
        if has_null(&json) {
            let value = serde_json::from_slice(&json).map_err(Trouble::broken)?;
            json = to_json(&without_nulls(value)).map_err(Trouble::broken)?;
        }
        Ok(Self { method, path: path.into(), key: key.to_owned(), version: None, body: json })
    }

    /// The same where what it changes is still the version that was seen.
    pub fn matching(self, version: &str) -> Self {
        Self { version: HeaderValue::from_str(version).ok(), ..self }
    }

    pub(super) fn request(self) -> Result<Request<Body>, Trouble> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(version) = self.version {
            request = request.header(header::IF_MATCH, version);
        }
        if !self.key.is_empty() {
            request = request.header(IDEMPOTENCY_KEY, self.key);
        }
        request.body(Body::from(self.body.into_bytes())).map_err(Trouble::broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_left_out() {
        let body = serde_json::json!({"a": null, "b": {"c": null, "d": 1}});
        let command = Command::new(Method::POST, "/v1/a", "", &body).expect("it is JSON");
        assert_eq!(command.body.into_bytes(), b"{\"b\":{\"d\":1}}".as_slice());
    }
}
