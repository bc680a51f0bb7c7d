//! Forms: what was typed, and what is wrong with it.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::api::{Problem, Trouble};

/// A form that was sent.
pub(super) struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        match axum_extra::extract::Form::<T>::from_request(request, state).await {
            Ok(form) => Ok(Self(form.0)),
            Err(rejection) => {
                let too_large = axum::response::IntoResponse::into_response(rejection).status()
                    == StatusCode::PAYLOAD_TOO_LARGE;
                Err(if too_large {
                    Trouble::new("body-too-large", StatusCode::PAYLOAD_TOO_LARGE)
                } else {
                    Trouble::new("invalid-request", StatusCode::BAD_REQUEST)
                })
            }
        }
    }
}

/// A field that was left empty is not there; blanks at the ends are not meant.
pub(super) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| text.trim().replace("\r\n", "\n")).filter(|text| !text.is_empty()))
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
    /// What would be right in a field that is wrong.
    pub fn with(&self, field: &str) -> Option<&str> {
        let faults = self.0.as_ref()?.errors.iter();
        let pointed = |pointer: &str| pointer.trim_start_matches("#/").split('/').next() == Some(field);
        faults.into_iter().find(|fault| pointed(&fault.pointer)).map(|fault| fault.detail.as_str())
    }
}
