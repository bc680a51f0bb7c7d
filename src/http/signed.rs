//! Who calls: a bearer token, or the console's cookie.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use mfa_ledger_api::cookie;
use mfa_ledger_base::wiped::{Buffer, SecretText};
use mfa_ledger_ledger::service::Caller;

use super::App;
use super::no_query;
use super::problem::Problem;

/// A caller whose token stands. To be the first extractor of an endpoint: 401 comes before 400.
#[derive(Clone, Debug)]
pub(crate) struct Signed(pub Caller);

impl FromRequestParts<App> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).or_else(|| cookie::read(&parts.headers, cookie::SESSION));
        let caller = token.and_then(|token| app.service.authenticate(token));
        let live = caller.filter(|caller| app.options.idle.admits(caller, &app.service));
        let signed = live.map(Self).ok_or_else(Problem::unauthenticated)?;
        no_query::check(parts)?;
        Ok(signed)
    }
}

/// What sets the console's cookie.
pub(super) fn session_cookie(token: &SecretText) -> Option<HeaderValue> {
    let mut cookie = Buffer::default();
    for part in [cookie::SESSION, "=", token.expose(), "; Path=/; Secure; HttpOnly; SameSite=Strict"] {
        cookie.push(part.as_bytes());
    }
    let mut cookie = HeaderValue::from_maybe_shared(cookie.into_bytes()).ok()?;
    cookie.set_sensitive(true);
    Some(cookie)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
