//! `DELETE /v1/me/mfa/enrollment`: give a begun enrollment up.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::command;

use crate::{App, Meta, Nothing, OptionalBody, Problem, Signed, receipt};

/// Give a begun enrollment up; its secret is destroyed.
#[utoipa::path(
    delete, path = "/v1/me/mfa/enrollment", tag = "me",
    responses((status = 200, description = "Given up", body = Receipt)),
)]
pub(crate) async fn cancel(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    OptionalBody { value: Nothing {}, bytes }: OptionalBody<Nothing>,
) -> Result<(HeaderMap, Json<Receipt>), Problem> {
    let done = meta.execute(&app, caller, &bytes, command::CancelMfaEnrollment).await?;
    Ok((receipt::headers(&done.receipt), Json(receipt::of(&done.receipt))))
}
