//! Forms: what was typed, and what is wrong with it.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use mfa_ledger_base::wiped::{Fields, JsonSecret, NotWhole, split_form, whole};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::api::Trouble;
use super::flash::local;
use super::{FORM_BYTES, HOME};
use mfa_ledger_api::problem::Problem;

/// The fields of all forms that hold a secret. They are decoded apart from the others, into memory that is wiped.
const SECRET_FIELDS: [&str; 6] = ["password", "current", "new", "again", "code", "backup_code"];

/// A form that was sent, without its secrets.
pub(super) struct Form<T>(pub T);

/// A form that was sent, and its secrets.
pub(super) struct SecretForm<T> {
    pub form: T,
    pub secrets: Fields,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        SecretForm::from_request(request, state).await.map(|SecretForm { form, .. }| Self(form))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for SecretForm<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &S) -> Result<Self, Trouble> {
        let wrong = || Trouble::new("invalid-request", StatusCode::BAD_REQUEST);
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(wrong());
        }
        let bytes = whole(request, FORM_BYTES).await.map_err(|why| match why {
            NotWhole::TooLong => Trouble::new("body-too-large", StatusCode::PAYLOAD_TOO_LARGE),
            NotWhole::TooSlow => Trouble::new("body-too-slow", StatusCode::REQUEST_TIMEOUT),
            NotWhole::TooMany => Trouble::new("busy", StatusCode::SERVICE_UNAVAILABLE),
            NotWhole::Broken(_) => wrong(),
        })?;
        let (rest, secrets) = split_form(&bytes, &SECRET_FIELDS);
        let form = serde_html_form::from_bytes(&rest).map_err(|_| wrong())?;
        Ok(Self { form, secrets })
    }
}

/// A form that asks for nothing, or for nothing but secrets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Keyed {
    pub key: String,
}

/// Where to go on to, behind a form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    pub next: String,
}

impl Next {
    /// An address of the console's own, or nothing.
    pub fn local(&self) -> &str {
        local(&self.next).unwrap_or_default()
    }

    /// The same, or where the console begins.
    pub fn or_home(&self) -> &str {
        local(&self.next).unwrap_or(HOME)
    }
}

/// A code of the authenticator app, as the API is told it.
#[derive(Debug, Serialize)]
pub(super) struct Code {
    pub code: JsonSecret,
}

impl Code {
    pub fn of(secrets: &mut Fields) -> Self {
        Self { code: JsonSecret(secrets.take_code("code")) }
    }
}

/// A page of a list, which begins behind an entry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct After {
    pub after: String,
}

/// A field that was left empty is not there; blanks at the ends are not meant.
pub(super) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| typed(&text)))
}

/// The same of a text.
pub(super) fn typed(text: &str) -> Option<String> {
    let text = text.trim().replace("\r\n", "\n");
    (!text.is_empty()).then_some(text)
}

/// A member of a closed set, or nothing where the field was left empty.
pub(super) fn chosen<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = given(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// What the API found wrong with a form; nothing, before it was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Wrong(pub Option<Problem>);

impl Wrong {
    pub fn new(code: &str, status: StatusCode) -> Self {
        Self(Some(Problem::new(code, status)))
    }

    pub fn is(&self, code: &str) -> bool {
        self.0.as_ref().is_some_and(|problem| problem.is(code))
    }

    /// Of the page that shows it.
    pub fn status(&self) -> StatusCode {
        self.0.as_ref().map_or(StatusCode::OK, Problem::status)
    }

    /// What would be right in a field that is wrong.
    pub fn with(&self, field: &str) -> Option<&str> {
        let faults = self.0.as_ref()?.errors.iter();
        let pointed = |pointer: &str| pointer.trim_start_matches("#/").split('/').next() == Some(field);
        faults.into_iter().find(|fault| pointed(&fault.pointer)).map(|fault| fault.detail.as_str())
    }
}
