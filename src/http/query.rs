//! Query parameters, typed, with the name of the one that is wrong.

use std::error::Error;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Request, Uri};
use axum_extra::extract::Query;
use mfa_ledger_schemas::Position;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::App;
use super::problem::Problem;

/// The query parameters; a repeated one makes a list. To stand behind
/// [`Signed`](super::signed::Signed): 401 comes before 400.
pub(crate) struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Self::of(&parts.uri).await
    }
}

impl<T: DeserializeOwned> Params<T> {
    /// Those of an address.
    pub async fn of(uri: &Uri) -> Result<Self, Problem> {
        // The same without keeping the name of each parameter, which takes as long as all the rest.
        if let Ok(value) = serde_html_form::from_str(uri.query().unwrap_or_default()) {
            return Ok(Self(value));
        }
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.uri = uri.clone();
        match Query::<T>::from_request_parts(&mut parts, &()).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let mut error: &dyn Error = &rejection;
                while let Some(source) = error.source() {
                    error = source;
                }
                Err(fault(&error.to_string()))
            }
        }
    }
}

/// Declares query parameters that may be left out, each with what else its document says.
macro_rules! params {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            $(
                $(#[$attr])*
                #[serde(default, deserialize_with = "crate::query::given")]
                #[param(nullable = false)]
                pub $field: Option<$type>,
            )*
        }
    };
}

pub(crate) use params;

/// A parameter that is there has a value: `?until=` is a mistake, not a parameter left out.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A position that the document's `int64` can hold.
pub(crate) fn position<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Position>, D::Error> {
    let position = u64::deserialize(deserializer)?;
    let fits = i64::try_from(position).is_ok();
    fits.then_some(Some(Position(position))).ok_or_else(|| D::Error::custom("a position in the log"))
}

/// The text is `name: what is wrong` where the name is known.
fn fault(text: &str) -> Problem {
    match text.split_once(": ") {
        Some((name, detail)) if !name.contains([' ', '`']) => Problem::parameter(name, detail),
        _ => Problem::parameter("query", text),
    }
}
