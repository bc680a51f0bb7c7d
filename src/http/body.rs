//! JSON bodies: bounded, typed, with a pointer to what is wrong. Any of them may hold a secret: each is collected into
//! memory that is wiped once its request is answered, whatever comes of it, and no error repeats a value.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use mfa_ledger_base::wiped::{self, Buffer, NotWhole};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::problem::Problem;
use super::{App, BODY_BYTES, nulls};

/// A JSON body, and its bytes for the idempotency fingerprint.
pub(crate) struct Body<T> {
    pub value: T,
    pub bytes: Buffer,
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new("unsupported-media-type"));
        }
        let bytes = whole(request).await?;
        let value = parse(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A JSON body that may be left out altogether, or be `null`.
pub(crate) struct OptionalBody<T> {
    pub value: T,
    pub bytes: Buffer,
}

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = whole(request).await?;
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

async fn whole(request: Request) -> Result<Buffer, Problem> {
    wiped::whole(request, BODY_BYTES).await.map_err(|why| match why {
        NotWhole::TooLong => Problem::new("body-too-large"),
        NotWhole::TooSlow => Problem::new("body-too-slow"),
        NotWhole::TooMany => Problem::new("busy").retry_in(1),
        NotWhole::Broken(_) => Problem::new("invalid-request").detail("the body did not arrive whole"),
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Every body is an object. What is none is not read at all: the parser's error would repeat a text.
    if bytes.trim_ascii_start().first().is_some_and(|byte| *byte != b'{') {
        return Err(Problem::new("invalid-request").fault("#", "must be a JSON object"));
    }
    // The same without keeping the path, which takes longer than all the rest.
    if !has_null(bytes)
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return Ok(value);
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::new("invalid-request").fault(pointer, without_value(&error.into_inner().to_string()))
    })?;
    json.end().map_err(|error| Problem::new("invalid-request").fault("#", error.to_string()))?;
    // After the types, whose complaints say more.
    match nulls::first(bytes) {
        Some(pointer) => {
            Err(Problem::new("invalid-request").fault(pointer, "must not be null: leave it out instead"))
        }
        None => Ok(value),
    }
}

/// Whether the word stands anywhere, be it in a text.
fn has_null(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|word| word == b"null")
}

/// A complaint about a type, without the value that it repeats.
fn without_value(complaint: &str) -> String {
    let about = ["invalid type: ", "invalid value: "].into_iter().find(|about| complaint.starts_with(about));
    let (Some(about), Some(end)) = (about, complaint.rfind(", expected ")) else {
        return complaint.to_owned();
    };
    let start = complaint[about.len()..end].find(['`', '"']).map_or(end, |at| about.len() + at);
    format!("{}{}", complaint[..start].trim_end(), &complaint[end..])
}

/// RFC 6901, as a URI fragment.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::from("#");
    for segment in path {
        match segment {
            Segment::Seq { index } => step(&mut pointer, &index.to_string()),
            Segment::Map { key } => step(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// One step further down.
pub(super) fn step(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it counts")]
    struct Sample {
        name: String,
        number: Option<u8>,
    }

    fn complaint(json: &str) -> (String, String) {
        let problem = parse::<Sample>(json.as_bytes()).expect_err(json);
        let fault = problem.said.errors.into_iter().next().expect("a fault");
        (fault.pointer, fault.detail)
    }

    #[test]
    fn no_complaint_repeats_a_value() {
        for json in [
            r#""hunter2""#,
            r#"["hunter2"]"#,
            r#"{"name":{"a":"hunter2"}}"#,
            r#"{"name":"a","number":"hunter2, expected \\"}"#,
            r#"{"name":"a","number":"hunter2"}"#,
            r#"{"nam":"hunter2"}"#,
            r#"{"name":"hunter2""#,
            r#"{"name":"hunter2"} x"#,
            r#"{"name":"hunter2\ud800"}"#,
        ] {
            let (pointer, detail) = complaint(json);
            assert!(
                !pointer.contains("hunter2") && !detail.contains("hunter2"),
                "{json}: {pointer} {detail}"
            );
        }
        let (pointer, detail) = complaint(r#"{"name":123456}"#);
        assert_eq!(pointer, "#/name");
        assert!(detail.starts_with("invalid type: integer, expected a string"), "{detail}");
    }

    #[test]
    fn a_null_is_pointed_at() {
        assert_eq!(complaint(r#"{"name":"a","number":null}"#).0, "#/number");
        assert!(parse::<Sample>(br#"{"name":"null"}"#).is_ok());
    }
}
