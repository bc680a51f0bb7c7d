//! The one id of a path, as a type.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::App;
use super::problem::Problem;

/// The id in a path. To stand behind [`Signed`](super::signed::Signed): 401 comes before 400.
pub(crate) struct PathId<T>(pub T);

/// The two ids in a path.
pub(crate) struct PathIds<T, U>(pub T, pub U);

impl<T, U> FromRequestParts<App> for PathIds<T, U>
where
    T: FromStr,
    T::Err: Display,
    U: FromStr,
    U::Err: Display,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::parameter("path", "percent-encoded UTF-8"))?;
        let mut params = params.iter();
        let (Some((first, one)), Some((second, other))) = (params.next(), params.next()) else {
            return Err(Problem::new("not-found"));
        };
        let one = one.parse().map_err(|error: T::Err| Problem::parameter(first, error.to_string()))?;
        let other = other.parse().map_err(|error: U::Err| Problem::parameter(second, error.to_string()))?;
        Ok(Self(one, other))
    }
}

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
