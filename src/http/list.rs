//! Lists: pages with a cursor, as JSON, NDJSON or CSV.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use mfa_ledger_api::page::{DEFAULT_LIMIT, MOST, Page};
use serde::Serialize;
use serde_json::Value;

use super::problem::Problem;

/// The media type of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Ndjson,
    Csv,
}

impl Format {
    /// The first that `Accept` names and we have; JSON otherwise.
    pub fn of(headers: &HeaderMap) -> Self {
        accepted(headers, Self::named).unwrap_or(Self::Json)
    }

    /// The form of a media range, if it is one of these.
    pub fn named(range: &str) -> Option<Self> {
        match range {
            "application/json" | "*/*" | "application/*" => Some(Self::Json),
            "application/x-ndjson" => Some(Self::Ndjson),
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The content type of an answer.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// The first media range of `Accept` that is known.
pub(crate) fn accepted<T>(headers: &HeaderMap, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').find_map(|range| known(range.split(';').next()?.trim()))
}

/// Headers of an answer, with those around it.
const ANSWER_HEADERS: usize = 12;

/// The limit that a caller gave, never silently changed.
pub(crate) fn limit(given: Option<u32>) -> Result<usize, Problem> {
    let limit = given.map_or(DEFAULT_LIMIT, |given| usize::try_from(given).unwrap_or(usize::MAX));
    if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(Problem::parameter("limit", "1 to 1000")) }
}

/// The answer: a page in the wanted form, with a `Link` to the next one (RFC 8288).
///
/// `columns` are the CSV columns, as paths into an entry's JSON, such as `actor.name`.
pub(crate) fn answer<T: Serialize>(format: Format, page: Page<T>, columns: &[&str], uri: &Uri) -> Response {
    let body = match format {
        Format::Json => serde_json::to_vec(&page).expect("entries are JSON"),
        Format::Ndjson | Format::Csv => rows(format, &page.data, columns, true),
    };
    linked(format.media_type(), body, page.next, uri)
}

/// A page as it is sent, with a `Link` to the next one.
pub(crate) fn linked(
    media_type: &'static str,
    body: impl Into<Body>,
    next: Option<String>,
    uri: &Uri,
) -> Response {
    with_link(media_type, body, next.and_then(|next| link(uri, &next)))
}

/// The same with the header as it is.
pub(crate) fn with_link(
    media_type: &'static str,
    body: impl Into<Body>,
    link: Option<HeaderValue>,
) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    // With those that every answer has.
    headers.reserve(ANSWER_HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Some(link) = link {
        headers.insert(header::LINK, link);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// The header that leads to the next page.
pub(crate) fn link(uri: &Uri, next: &str) -> Option<HeaderValue> {
    let kept = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    let query: Vec<_> = kept.map(str::to_owned).chain([format!("after={next}")]).collect();
    HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))).ok()
}

/// Entries as lines of NDJSON, or of CSV with or without the line of column names.
pub(crate) fn rows<T: Serialize>(format: Format, entries: &[T], columns: &[&str], head: bool) -> Vec<u8> {
    if format == Format::Csv { csv(entries, columns, head) } else { ndjson(entries) }
}

fn ndjson<T: Serialize>(entries: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut bytes, entry).expect("entries are JSON");
        bytes.push(b'\n');
    }
    bytes
}

fn csv<T: Serialize>(entries: &[T], columns: &[&str], head: bool) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if head {
        writer.write_record(columns).expect("memory takes it");
    }
    for entry in entries {
        let json = serde_json::to_value(entry).expect("entries are JSON");
        writer.write_record(columns.iter().map(|path| cell(&json, path))).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

fn cell(json: &Value, path: &str) -> String {
    let value = path.split('.').try_fold(json, |value, key| value.get(key));
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" "),
        Some(other) => other.to_string(),
    };
    harmless(text)
}

/// Spreadsheets run what begins like a formula: a quote in front makes it text.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_1_to_1000_and_100_by_default() {
        assert_eq!(limit(None).ok(), Some(100));
        assert_eq!(limit(Some(1)).ok(), Some(1));
        assert_eq!(limit(Some(1_000)).ok(), Some(1_000));
        assert!(limit(Some(0)).is_err() && limit(Some(1_001)).is_err());
    }

    #[test]
    fn formulas_become_text() {
        let entries = [serde_json::json!({"a": {"b": "=1+1"}, "c": ["x", "y"], "d": null, "e": 7})];
        let text = String::from_utf8(csv(&entries, &["a.b", "c", "d", "e"], true)).expect("UTF-8");
        assert_eq!(text, "a.b,c,d,e\r\n'=1+1,x y,,7\r\n");
    }
}
