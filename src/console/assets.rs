//! Styles, scripts and pictures: out of the binary, under names that change with their content.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use rust_embed::{Embed, EmbeddedFile};

use super::Console;
use super::api::Trouble;

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// Bytes of a hash that stand in a name.
const NAME_BYTES: usize = 8;

/// Whoever has seen a name has seen its content, for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// From the name of a file to the name that it is served under.
static NAMES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let named = Files::iter().filter_map(|name| {
        let file = Files::get(&name)?;
        let (stem, extension) = name.rsplit_once('.')?;
        let hash = HEXLOWER.encode(&file.metadata.sha256_hash()[..NAME_BYTES]);
        Some((name.to_string(), format!("{stem}.{hash}.{extension}")))
    });
    named.collect()
});

/// The address of a file.
pub(super) fn url(name: &str) -> String {
    let served = NAMES.get(name).unwrap_or_else(|| panic!("{name} is not among the assets"));
    format!("/console/assets/{served}")
}

pub(super) fn router() -> Router<Console> {
    Router::new().route("/console/assets/{name}", get(show))
}

async fn show(Path(served): Path<String>, headers: HeaderMap) -> Response {
    let Some((name, _)) = NAMES.iter().find(|(_, known)| **known == served) else {
        return Trouble::missing().into_response();
    };
    let Some(file) = Files::get(name) else { return Trouble::missing().into_response() };
    let etag = format!("\"{}\"", HEXLOWER.encode(&file.metadata.sha256_hash()));
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes());
    let kept = [(header::CACHE_CONTROL, FOR_EVER.to_owned()), (header::ETAG, etag)];
    if unchanged {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, media_type(name))], content(file)).into_response()
}

fn content(file: EmbeddedFile) -> Vec<u8> {
    file.data.into_owned()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_name_that_tells_its_content() {
        for name in Files::iter() {
            let url = url(&name);
            let hash = url.rsplit('.').nth(1).unwrap_or_default();
            assert_eq!(hash.len(), 2 * NAME_BYTES, "{url}");
        }
        assert_eq!(media_type("a.css"), "text/css; charset=utf-8");
    }
}
