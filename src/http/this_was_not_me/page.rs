//! The pages: plain HTML that works without scripts, for eyes, keyboards and screen readers.

use std::sync::LazyLock;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use mfa_ledger_base::html::escaped;
use mfa_ledger_projections::Reset;
use mfa_ledger_schemas::bodies::ResetRepudiated;
use mfa_ledger_schemas::{ActorKind, Position};
use sha2::{Digest, Sha256};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.125rem/1.5 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem}\
button{font:inherit;padding:.75rem 1.5rem;border:2px solid;border-radius:.5rem;background:#b00020;color:#fff;cursor:pointer}\
button:focus-visible{outline:3px solid;outline-offset:3px}\
dt{font-weight:bold}dd{margin:0 0 .5rem}";

/// The one style and the one form, and nothing else from anywhere.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy).expect("it is ASCII")
});

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

pub(super) fn question(reset: &Reset) -> Response {
    let performer = match reset.performer.kind {
        ActorKind::Operator => format!("{}, at the server's command line", reset.performer.name),
        _ => reset.performer.name.clone(),
    };
    let mut facts = vec![
        ("Account", reset.target.user_name.clone()),
        ("Reset performed by", performer),
        ("Date", reset.at.to_string()),
    ];
    facts.extend(reset.event.story.ticket.clone().map(|ticket| ("Ticket", ticket)));
    let facts: Vec<_> =
        facts.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escaped(value))).collect();
    let facts = facts.join("\n");
    let body = format!(
        "<p>The Multi-Factor Authentication of this account was reset:</p>\n<dl>\n{facts}\n</dl>\n\
        <p>If you did not ask for that, freeze the account. Nobody can log in to it then, and every session of it \
        ends, until IT opens it again.</p>\n\
        <form method=\"post\"><button type=\"submit\">This wasn't me: freeze my account</button></form>\n\
        <p>If it was you, close this page. Nothing has been changed.</p>"
    );
    page(StatusCode::OK, "Was this you?", &body)
}

pub(super) fn done(event: &ResetRepudiated, position: Position) -> Response {
    let sessions = match event.sessions_ended {
        1 => "One session of it was ended.".to_owned(),
        count => format!("{count} sessions of it were ended."),
    };
    let (title, what) = if event.frozen {
        ("Your account is frozen", "Nobody can log in to it until IT opens it again.")
    } else {
        (
            "Your report is on record",
            "The account was not frozen, since nobody else could then look after this system.",
        )
    };
    let body = format!(
        "<p>{what} {sessions}</p>\n<p>Contact IT now, and tell them this number: <strong>{position}</strong>.</p>"
    );
    page(StatusCode::OK, title, &body)
}

pub(super) fn used() -> Response {
    let body = "<p>This reset has been reported before. If it was not you who did that, or if you need your \
        account again, contact IT.</p>";
    page(StatusCode::GONE, "This link was used before", body)
}

pub(super) fn expired() -> Response {
    let body = "<p>The reset was too long ago for this link. If it was not you, contact IT.</p>";
    page(StatusCode::GONE, "This link is too old", body)
}

pub(super) fn unknown() -> Response {
    let body = "<p>Copy the whole address out of the mail, up to its last letter. If that does not help, contact \
        IT: they can freeze your account at once.</p>";
    page(StatusCode::NOT_FOUND, "This link does not work", body)
}

pub(super) fn too_many() -> Response {
    let mut page = page(
        StatusCode::TOO_MANY_REQUESTS,
        "Too many attempts",
        "<p>Wait a few seconds, then load this page again.</p>",
    );
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    page
}

pub(super) fn not_now() -> Response {
    let body = "<p>Nothing was changed. Load the page and try again in a minute; if that does not help, contact \
        IT now: they can freeze your account.</p>";
    page(StatusCode::SERVICE_UNAVAILABLE, "That did not work", body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
        <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        // Without any, older browsers would not say that the form came from here.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (ROBOTS, HeaderValue::from_static("noindex")),
    ];
    (status, headers, html).into_response()
}
