//! What lies around every endpoint: request id, cross-site guard, panics, headers. How long a body may be is for what
//! reads it (`body.rs`).

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::header::{POSITION, REQUEST_ID};
use mfa_ledger_base::same_site::same_site;
use mfa_ledger_projections::State as Fold;
use mfa_ledger_schemas::limits;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::App;
use super::metrics::Metrics;
use super::problem::Problem;

/// Paths that are answered however much is in flight.
const WATCHED: [&str; 3] = ["/livez", "/readyz", "/metrics"];

pub(super) fn around(router: Router<App>, app: &App) -> Router<App> {
    router
        .fallback(|| async { Problem::new("not-found") })
        .method_not_allowed_fallback(|| async { Problem::new("method-not-allowed") })
        // Together: the router boxes, and clones for each request, what each call of `layer` is given.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(app.clone(), outermost))
                .layer(CatchPanicLayer::custom(|_| Problem::new("internal-error").into_response()))
                .layer(same_site(app.options.public_origin.as_deref(), refused)),
        )
}

/// One pass for all that is cheap: a second layer would cost more than what it does.
async fn outermost(
    axum::extract::State(app): axum::extract::State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request_id(&request, &app);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let timing = Metrics::begin(&request);
    let (asks, position) = (request.method().is_safe(), app.service.peek(Fold::position));
    let mut response = with_a_place(&app, request, next).await;
    app.metrics.end(timing, response.status());
    let answered = response.status().is_success();
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    if asks && answered {
        // What is shown is at least as new as that.
        headers.entry(POSITION).or_insert(HeaderValue::from(position.0));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

async fn with_a_place(app: &App, request: Request, next: Next) -> Response {
    // Whoever asks whether the server is well must be answered when it is busy most of all.
    let place = app.in_flight.try_acquire();
    if place.is_err() && !WATCHED.contains(&request.uri().path()) {
        return Problem::new("busy").retry_in(1).into_response();
    }
    problem_instead_of_text(next.run(request).await)
}

fn refused(why: &'static str) -> Response {
    Problem::new("cross-site-request").detail(why).into_response()
}

/// The caller's id for the request where it has one that can go into a log line, else a fresh one.
fn request_id(request: &Request, app: &App) -> HeaderValue {
    let fits = |value: &&HeaderValue| {
        (1..=limits::REQUEST_ID_CHARS).contains(&value.len())
            && value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
    };
    let fresh =
        || HeaderValue::try_from(app.service.fresh_request_id()).expect("it is of letters and digits");
    request.headers().get(&REQUEST_ID).filter(fits).cloned().unwrap_or_else(fresh)
}

/// Extractors and routing of the framework answer in plain text: nothing leaves as that.
fn problem_instead_of_text(response: Response) -> Response {
    let status = response.status();
    // The framework never answers in HTML: what comes as that is a page of ours.
    let ours = ["application/problem+json", "application/json", "text/html; charset=utf-8"];
    let own = response.headers().get(header::CONTENT_TYPE).is_some_and(|it| ours.iter().any(|our| it == our));
    if own || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "body-too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported-media-type",
        _ if status.is_client_error() => "invalid-request",
        _ => "internal-error",
    };
    let mut problem = Problem::new(code).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}
