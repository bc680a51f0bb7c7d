//! Parts of pages that are written in Rust, and pages as answers.

use std::fmt::{self, Display, Write};

use askama::Template;
use askama::filters::HtmlSafe;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mfa_ledger_base::html::escaped;
use mfa_ledger_base::wiped::Buffer;

use super::api::Trouble;

/// Markup that was escaped where it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    /// Markup of ours: `trusted` comes from no request and no record.
    pub fn ours(trusted: String) -> Self {
        Self(trusted)
    }
}

impl Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// A picture of the sheet in the layout; what it says must stand beside it in words.
pub(super) fn icon(name: &str) -> Html {
    let mut markup = String::new();
    // Writing to a String cannot fail.
    let _written = write!(markup, "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-{name}\"/></svg>");
    Html(markup)
}

/// A state: an icon and a word. `tone` is one of `good`, `bad`, `warn`, `idle`.
pub(super) fn badge(tone: &str, picture: &str, word: &str) -> Html {
    Html(format!("<span class=\"badge {tone}\">{}{}</span>", icon(picture), escaped(word)))
}

/// A page as an answer. Any page may show a secret: it is wiped once it is sent.
pub(super) fn page<T: Template>(status: StatusCode, page: &T) -> Response {
    let mut text = Buffer::with_capacity(T::SIZE_HINT);
    match page.render_into(&mut text) {
        Ok(()) => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, html)], Body::from(text.into_bytes())).into_response()
        }
        Err(error) => Trouble::broken(error).into_response(),
    }
}

/// The answer to a form that was carried out: look there, with GET.
pub(super) fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(error) => Trouble::broken(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_an_element_or_an_attribute() {
        assert_eq!(escaped("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
        assert!(badge("good", "check", "<b>").to_string().ends_with("&lt;b&gt;</span>"));
    }
}
