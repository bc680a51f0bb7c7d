//! `POST /v1/me/mfa/enrollment`: begin to enroll.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mfa_ledger_schemas::{Event, Instant, MfaStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::body::{Nothing, OptionalBody};
use crate::http::meta::Meta;
use crate::http::problem::Problem;
use crate::http::receipt::Receipt;
use crate::http::signed::Signed;
use crate::service::Intent;

/// A secret for the authenticator app, in three forms. A repeated answer shows it until it is confirmed or
/// given up; the three are `null` then.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrollmentBegun {
    status: MfaStatus,
    /// To be confirmed before this moment.
    expires: Instant,
    /// The `otpauth://` URI.
    otpauth_uri: Option<String>,
    /// The secret in base32, to be typed.
    manual_key: Option<String>,
    /// The URI as a QR code, in SVG.
    qr_svg: Option<String>,
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
) -> Result<(StatusCode, HeaderMap, Json<EnrollmentBegun>), Problem> {
    let done = meta.execute(&app, caller, &bytes, Intent::EnrollMfa).await?;
    let Event::MfaEnrollmentStarted(event) = &done.record.event else {
        return Err(Problem::new("internal-error"));
    };
    let shown = done.shown.enrollment.as_ref();
    let body = EnrollmentBegun {
        status: MfaStatus::Pending,
        expires: event.expires,
        otpauth_uri: shown.map(|shown| shown.uri.expose().to_owned()),
        manual_key: shown.map(|shown| shown.manual_key.expose().to_owned()),
        qr_svg: shown.map(|shown| shown.qr_svg.expose().to_owned()),
        receipt: Receipt::of(&done),
    };
    Ok((StatusCode::CREATED, Receipt::headers(&done), Json(body)))
}
