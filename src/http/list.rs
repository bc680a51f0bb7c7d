//! Lists: pages with a cursor, as JSON, NDJSON or CSV.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::rows;
use serde::Serialize;

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
            rows::NDJSON => Some(Self::Ndjson),
            rows::CSV => Some(Self::Csv),
            _ => None,
        }
    }

    /// The content type of an answer.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => rows::NDJSON,
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
    if format != Format::Csv {
        return rows::ndjson(entries);
    }
    let json = |entry| serde_json::to_value(entry).expect("entries are JSON");
    let columns: Vec<_> = columns.iter().map(|path| (*path, *path)).collect();
    rows::csv(&columns, entries.iter().map(json), head)
}
