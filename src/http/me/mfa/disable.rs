//! `DELETE /v1/me/mfa`: switch one's own MFA off.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::me::{Code, OwnMfaDisabled};
use mfa_ledger_ledger::service::command::{self, TypedFactor};
use mfa_ledger_schemas::MfaStatus;

use crate::{App, Body, Meta, Problem, Signed, receipt};

/// Switch one's own MFA off, with a code; not where it is required.
#[utoipa::path(
    delete, path = "/v1/me/mfa", tag = "me", request_body = Code,
    responses((status = 200, description = "Switched off; seed and backup codes are gone", body = OwnMfaDisabled)),
)]
pub(crate) async fn disable(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<Code>,
) -> Result<(HeaderMap, Json<OwnMfaDisabled>), Problem> {
    app.limiter.check(meta.address)?;
    let done = meta
        .execute(&app, caller, &bytes, command::DisableMfa { factor: TypedFactor::Code(value.code.0) })
        .await?;
    let event = &done.event;
    let body = OwnMfaDisabled {
        status: MfaStatus::NotEnabled,
        sessions_ended: event.sessions_ended,
        receipt: receipt::of(&done.receipt),
    };
    Ok((receipt::headers(&done.receipt), Json(body)))
}
