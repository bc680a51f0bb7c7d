//! `POST /v1/me/mfa/enrollment`: begin to enroll.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_api::me::EnrollmentBegun;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::MfaStatus;

use crate::{App, Meta, Nothing, OptionalBody, Problem, Shown, Signed, receipt};

/// Begin to enroll; an earlier begun enrollment is given up.
#[utoipa::path(
    post, path = "/v1/me/mfa/enrollment", tag = "me", request_body = Option<Nothing>,
    responses((status = 201, description = "Begun: scan the code, then confirm", body = EnrollmentBegun)),
)]
pub(crate) async fn begin(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    OptionalBody { value: Nothing {}, bytes }: OptionalBody<Nothing>,
) -> Result<(StatusCode, HeaderMap, Shown<EnrollmentBegun>), Problem> {
    let done = meta.execute(&app, caller, &bytes, command::EnrollMfa).await?;
    let event = &done.event;
    let shown = done.shown.enrollment.as_ref();
    let body = EnrollmentBegun {
        status: MfaStatus::Pending,
        expires: event.expires,
        otpauth_uri: shown.map(|shown| JsonSecret(shown.uri.clone())),
        manual_key: shown.map(|shown| JsonSecret(shown.manual_key.clone())),
        qr_svg: shown.map(|shown| JsonSecret(shown.qr_svg.clone())),
        receipt: receipt::of(&done.receipt),
    };
    Ok((StatusCode::CREATED, receipt::headers(&done.receipt), Shown(body)))
}
