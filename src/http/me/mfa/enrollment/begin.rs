//! `POST /v1/me/mfa/enrollment`: begin to enroll.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Intent;
use mfa_ledger_schemas::{Event, Instant, MfaStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::body::{Nothing, OptionalBody};
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::shown::Shown;
use crate::signed::Signed;

/// A secret for the authenticator app, in three forms. A repeated answer shows it until it is confirmed or
/// given up; the three are `null` then.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrollmentBegun {
    status: MfaStatus,
    /// To be confirmed before this moment.
    expires: Instant,
    /// The `otpauth://` URI.
    #[schema(value_type = Option<String>)]
    otpauth_uri: Option<JsonSecret>,
    /// The secret in base32, to be typed.
    #[schema(value_type = Option<String>)]
    manual_key: Option<JsonSecret>,
    /// The URI as a QR code, in SVG.
    #[schema(value_type = Option<String>)]
    qr_svg: Option<JsonSecret>,
    #[serde(flatten)]
    receipt: Receipt,
}

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
    let done = meta.execute(&app, caller, &bytes, Intent::EnrollMfa).await?;
    let Event::MfaEnrollmentStarted(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let shown = done.shown.enrollment.as_ref();
    let body = EnrollmentBegun {
        status: MfaStatus::Pending,
        expires: event.expires,
        otpauth_uri: shown.map(|shown| JsonSecret(shown.uri.clone())),
        manual_key: shown.map(|shown| JsonSecret(shown.manual_key.clone())),
        qr_svg: shown.map(|shown| JsonSecret(shown.qr_svg.clone())),
        receipt: Receipt::of(&done),
    };
    Ok((StatusCode::CREATED, Receipt::headers(&done), Shown(body)))
}
