//! The one id of a path, as a type.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::App;
use super::problem::Problem;

/// The id in a path. To stand behind [`Signed`](super::signed::Signed): 401 comes before 400.
pub(crate) struct PathId<T>(pub T);

impl<T> FromRequestParts<App> for PathId<T>
where
    T: FromStr,
    T::Err: Display,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::parameter("path", "percent-encoded UTF-8"))?;
        let Some((name, text)) = params.iter().next() else { return Err(Problem::new("not-found")) };
        text.parse().map(Self).map_err(|error: T::Err| Problem::parameter(name, error.to_string()))
    }
}
