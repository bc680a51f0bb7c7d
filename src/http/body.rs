//! JSON bodies: bounded, typed, with a pointer to what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::App;
use super::problem::Problem;

/// A JSON body, and its bytes for the idempotency fingerprint.
pub(crate) struct Body<T> {
    pub value: T,
    pub bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let essence = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = essence.and_then(|value| value.split(';').next()).map(str::trim);
        if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
            return Err(Problem::new("unsupported-media-type"));
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new("body-too-large")
            } else {
                Problem::new("invalid-request").detail("the body did not arrive whole")
            }
        })?;
        let value = parse(&bytes)?;
        Ok(Self { value, bytes })
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
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
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
