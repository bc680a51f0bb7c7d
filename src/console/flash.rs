//! What was done, told on the page that comes after it: a word of a closed set in the query, never a text.

use axum::http::HeaderMap;
use mfa_ledger_schemas::Position;

use super::api::with_query;

/// What was done, and where it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flash {
    pub done: String,
    pub at: Option<Position>,
}

impl Flash {
    /// What a query tells, where a page of the console led to it: a link from elsewhere claims nothing here.
    pub fn of(query: Option<&str>, headers: &HeaderMap) -> Option<Self> {
        if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
            return None;
        }
        let pairs = || query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let value = |wanted| pairs().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let done = value("done")?.to_owned();
        Some(Self { done, at: value("at").and_then(|at| at.parse().ok()) })
    }
}

/// A path that tells what was done.
pub(super) fn told(path: &str, done: &str, at: Position) -> String {
    with_query(path, &[("done", done), ("at", &at.to_string())])
}

/// The address to go on to: one of the console's own, or nothing. Whatever a browser could take for another
/// host is none of them.
pub(super) fn local(next: &str) -> Option<&str> {
    /// Longest address to go on to, in bytes.
    const NEXT_BYTES: usize = 1_000;
    let rest = next.strip_prefix(super::HOME)?;
    let ours = rest.is_empty() || rest.starts_with('/') || rest.starts_with('?');
    let plain = next.len() <= NEXT_BYTES
        && next.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>".contains(&byte))
        && !next.contains("//");
    (ours && plain).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_console_are_gone_on_to() {
        for next in ["/console", "/console/me", "/console?x=1", "/console/administrators?q=a&mfa=enabled"] {
            assert_eq!(local(next), Some(next));
        }
        let longest = format!("/console/{}", "a".repeat(991));
        assert_eq!(local(&longest), Some(longest.as_str()));
        assert_eq!(local(&format!("{longest}a")), None);
        for next in [
            "",
            "/",
            "//evil.example",
            "https://evil.example/console",
            "/\\evil.example",
            "/consolevil",
            "/console//evil.example",
            "/console/\r\nSet-Cookie:x",
            "/console\\..\\x",
            "console",
            "/v1/me",
        ] {
            assert_eq!(local(next), None, "{next:?}");
        }
    }

    #[test]
    fn a_query_tells_what_was_done_and_where() {
        let of = |query| Flash::of(Some(query), &HeaderMap::new());
        let flash = of("x=1&done=reset&at=17").expect("one");
        assert_eq!((flash.done.as_str(), flash.at), ("reset", Some(Position(17))));
        assert_eq!(of("at=17"), None);
        assert_eq!(told("/console/me", "saved", Position(3)), "/console/me?done=saved&at=3");
    }

    #[test]
    fn a_link_from_elsewhere_tells_nothing() {
        let from = |site: &str| {
            let headers = HeaderMap::from_iter([(
                "sec-fetch-site".parse().expect("a name"),
                site.parse().expect("a value"),
            )]);
            Flash::of(Some("done=reset&at=17"), &headers)
        };
        assert!(from("same-origin").is_some());
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(from(site), None, "{site}");
        }
    }
}
