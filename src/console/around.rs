//! What lies around every page: the cross-site guard, panics, troubles made into pages, headers.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use mfa_ledger_base::same_site::same_site;
use tower_http::catch_panic::CatchPanicLayer;

use super::api::Trouble;
use super::html::see_other;
use super::pages::failed;
use super::visit::{LOG_IN, MY_PROFILE, SECOND_FACTOR, Visit};
use super::{Console, FORM_BYTES};

/// Everything from this host, nothing inline, no frame around it, and forms that lead nowhere else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

pub(super) fn around(
    router: Router<Console>,
    console: &Console,
    public_origin: Option<&str>,
) -> Router<Console> {
    let missing = || async { Trouble::missing() };
    router
        .route("/console/", any(missing))
        .route("/console/{*rest}", any(missing))
        .method_not_allowed_fallback(|| async {
            Trouble::new("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED)
        })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(CatchPanicLayer::custom(|_| Trouble::broken("a page panicked").into_response()))
        .layer(same_site(public_origin, |_| {
            Trouble::new("cross-site-request", StatusCode::FORBIDDEN).into_response()
        }))
        .layer(from_fn_with_state(console.clone(), outermost))
}

async fn outermost(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::of(&parts, &console);
    let come_back = parts.method.is_safe();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(trouble) = trouble(&mut response) {
        let told = instead(visit, trouble, come_back).await;
        let retry = response.headers().get(header::RETRY_AFTER).cloned();
        response = told;
        if let Some(retry) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, retry);
        }
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// The trouble that an answer stands for: one of ours, or one of the framework's in plain text.
fn trouble(response: &mut Response) -> Option<Trouble> {
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        return Some(trouble);
    }
    let status = response.status();
    let html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|it| it == "text/html; charset=utf-8");
    if html || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Trouble::missing(),
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::new("body-too-large", status),
        _ if status.is_client_error() => Trouble::new("invalid-request", status),
        _ => Trouble::broken(status),
    })
}

/// The page that is shown instead, or the one that has to come first.
async fn instead(mut visit: Visit, trouble: Trouble, come_back: bool) -> Response {
    if let Trouble::Refused(problem) = &trouble {
        match problem.code.as_str() {
            "unauthenticated" => return see_other(&visit.first(LOG_IN, come_back)),
            "second-factor-required" => return see_other(&visit.first(SECOND_FACTOR, come_back)),
            "enrollment-required" => return see_other(MY_PROFILE),
            _ => {}
        }
    }
    if let Trouble::Broken(why) = &trouble {
        tracing::error!(why, path = visit.frame.here, "a page is broken");
    }
    visit.look_if_possible().await;
    failed::page(visit.frame, &trouble)
}
