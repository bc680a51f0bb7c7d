//! `POST /v1/session`: log in with user name and password.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use mfa_ledger_api::session::{LogIn, SessionBody, Started};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Caller;

use crate::signed::session_cookie;
use crate::{App, Body, Meta, Problem, Shown, receipt};

/// Log in.
///
/// One answer for an unknown user name, a wrong password, and an account that may not log in.
#[utoipa::path(
    post, path = "/v1/session", tag = "session", security(()),
    request_body = LogIn,
    responses((status = 201, description = "Logged in; `next` says what the session can do", body = Started)),
)]
pub(crate) async fn start(
    State(app): State<App>,
    meta: Meta,
    Body { value, bytes }: Body<LogIn>,
) -> Result<(StatusCode, HeaderMap, Shown<Started>), Problem> {
    app.limiter.check(meta.address)?;
    let password = value.password.0;
    let command = app.service.log_in(value.user_name.into_inner(), password.clone());
    let done = meta.execute(&app, Caller::Anonymous, &bytes, command).await?;
    app.service.rehash(&done, password).await;
    let event = &done.event;
    let token = done.shown.token.as_ref().ok_or_else(|| Problem::new("internal-error"))?;
    let mut headers = receipt::headers(&done.receipt);
    if let Some(cookie) = session_cookie(token) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    let session = SessionBody {
        session: event.session,
        administrator: event.administrator,
        user_name: done.target.as_ref().map(|it| it.user_name.clone()).unwrap_or_default(),
        next: event.stage,
        expires: event.expires,
        verified_at: None,
        password_change_due: event.password_change_due,
    };
    let body = Started { token: JsonSecret(token.clone()), session, receipt: receipt::of(&done.receipt) };
    Ok((StatusCode::CREATED, headers, Shown(body)))
}
