//! A caller of the API, as small as one can be.

use reqwest::Method;
use serde_json::Value;

/// A base address, and perhaps a token.
#[derive(Clone, Debug)]
pub struct Client {
    pub base: String,
    pub token: Option<String>,
    http: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The text as JSON; null when it is none.
    pub json: Value,
}

impl Answer {
    /// The body of a success with this status.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// The position of the record, where the answer names one.
    pub fn position(&self) -> Option<u64> {
        self.headers.get("mfa-ledger-position")?.to_str().ok()?.parse().ok()
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        let http = crate::support::http();
        Self { base: base.to_owned(), token: None, http }
    }

    /// The same caller with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Logs in; the caller with the session's token, and the answer.
    pub async fn log_in(&self, user_name: &str, password: &str) -> (Self, Value) {
        let body = serde_json::json!({ "user_name": user_name, "password": password });
        let session = self.post("/v1/session", &body).await.ok(201);
        (self.with_token(session["token"].as_str().expect("a log-in gives a token")), session)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, &[], Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, &[], None).await
    }

    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        self.try_ask(method, path, headers, body).await.expect("the server answers")
    }

    /// The same where the server may be gone at any moment.
    pub async fn try_ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, headers, text, json })
    }
}
