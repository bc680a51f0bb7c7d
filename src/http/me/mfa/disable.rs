//! `DELETE /v1/me/mfa`: switch one's own MFA off.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::me::{Code, OwnMfaDisabled};
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::{Event, MfaStatus};

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt;
use crate::signed::Signed;

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
    let done = meta.execute(&app, caller, &bytes, Intent::DisableMfa { code: value.code.0 }).await?;
    let Event::MfaDisabled(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let body = OwnMfaDisabled {
        status: MfaStatus::NotEnabled,
        sessions_ended: event.sessions_ended,
        receipt: receipt::of(&done),
    };
    Ok((receipt::headers(&done), Json(body)))
}
