//! `DELETE /v1/session`: log out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use mfa_ledger_api::cookie;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::command;

use crate::{App, Meta, Problem, Signed, receipt};

/// Log out: the token does not work any more.
#[utoipa::path(
    delete, path = "/v1/session", tag = "session",
    responses((status = 200, description = "Logged out", body = Receipt)),
)]
pub(crate) async fn end(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
) -> Result<(HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &[], command::LogOut).await?;
    let mut headers = receipt::headers(&done.receipt);
    let gone = format!("{}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0", cookie::SESSION);
    if let Ok(gone) = HeaderValue::from_str(&gone) {
        headers.insert(header::SET_COOKIE, gone);
    }
    Ok((headers, Json(receipt::of(&done.receipt))))
}
