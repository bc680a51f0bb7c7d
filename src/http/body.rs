//! JSON bodies: bounded, typed, with a pointer to what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::App;
use super::nulls::NoNulls;
use super::problem::Problem;

/// A JSON body, and its bytes for the idempotency fingerprint.
pub(crate) struct Body<T> {
    pub value: T,
    pub bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new("unsupported-media-type"));
        }
        let bytes = whole(request, app).await?;
        let value = parse(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A JSON body that may be left out altogether, or be `null`.
pub(crate) struct OptionalBody<T> {
    pub value: T,
    pub bytes: Bytes,
}

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = whole(request, app).await?;
        if bytes.is_empty() {
            return Ok(Self { value: T::default(), bytes });
        }
        if !json {
            return Err(Problem::new("unsupported-media-type"));
        }
        if bytes.trim_ascii() == b"null" {
            return Ok(Self { value: T::default(), bytes });
        }
        let value = parse(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// The body of a command that needs none: nothing, or an empty object.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = essence.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

async fn whole(request: Request, app: &App) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new("body-too-large")
        } else {
            Problem::new("invalid-request").detail("the body did not arrive whole")
        }
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = read(bytes)?;
    // After the types, whose complaints say more.
    read::<NoNulls>(bytes)?;
    Ok(value)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::new("invalid-request").fault(pointer, error.into_inner().to_string())
    })?;
    json.end().map_err(|error| Problem::new("invalid-request").fault("#", error.to_string()))?;
    Ok(value)
}

/// RFC 6901, as a URI fragment.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::from("#");
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
