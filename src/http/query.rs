//! Query parameters, typed, with the name of the one that is wrong.

use std::error::Error;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::Query;
use serde::de::DeserializeOwned;

use super::App;
use super::problem::Problem;

/// The query parameters; a repeated one makes a list. To stand behind
/// [`Signed`](super::signed::Signed): 401 comes before 400.
pub(crate) struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, app).await {
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

/// The text is `name: what is wrong` where the name is known.
fn fault(text: &str) -> Problem {
    match text.split_once(": ") {
        Some((name, detail)) if !name.contains([' ', '`']) => Problem::parameter(name, detail),
        _ => Problem::parameter("query", text),
    }
}
