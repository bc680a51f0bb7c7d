//! `GET /asyncapi.json`: what is published on NATS, and the JSON Schemas that the document refers to.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mfa_ledger_schemas::{asyncapi, leaf};

use super::App;
use super::problem::Problem;

const MEDIA_TYPE: &str = "application/json";
const SCHEMA_MEDIA_TYPE: &str = "application/schema+json";

/// The document, for the JSON Schemas that lie at this address.
pub fn events_document(schemas: &str) -> String {
    let mut document = asyncapi::document(env!("CARGO_PKG_VERSION"), schemas);
    // The same text whether some dependency wants maps to keep their order or not.
    document.sort_all_objects();
    serde_json::to_string_pretty(&document).expect("the document is JSON") + "\n"
}

pub(super) fn router() -> Router<App> {
    // Beside the document, so that it can be moved behind any address.
    let text = events_document("./schemas");
    let document = move || {
        let text = text.clone();
        async move { ([(header::CONTENT_TYPE, MEDIA_TYPE)], text) }
    };
    let files: BTreeMap<_, _> =
        asyncapi::schema_files().map(|(kind, version, name)| (name, (kind, version))).collect();
    let schema = move |Path(name): Path<String>| {
        let found = files.get(&name).copied();
        async move { found.and_then(schema_of).unwrap_or_else(|| Problem::new("not-found").into_response()) }
    };
    Router::new().route("/asyncapi.json", get(document)).route("/schemas/{name}", get(schema))
}

fn schema_of((kind, version): (u16, u16)) -> Option<Response> {
    let text = serde_json::to_string_pretty(&leaf::schema(kind, version)?).expect("a schema is JSON") + "\n";
    Some(([(header::CONTENT_TYPE, SCHEMA_MEDIA_TYPE)], text).into_response())
}
