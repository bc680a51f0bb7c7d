//! `POST /v1/session/second-factor`: finish a log-in, or prove presence again.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_ledger::service::intent::TypedFactor;
use mfa_ledger_ledger::service::{BACKUP_CODES_LOW, Intent};
use mfa_ledger_schemas::{Event, Instant, SessionStage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::body::Body;
use crate::meta::Meta;
use crate::problem::Problem;
use crate::receipt::Receipt;
use crate::signed::Signed;
use crate::text::Typed;

/// A code of the authenticator app, or a backup code: exactly one of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
pub(crate) struct SecondFactor {
    #[schema(nullable = false)]
    code: Option<Typed>,
    #[schema(nullable = false)]
    backup_code: Option<Typed>,
}

/// The session as it is now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Verified {
    next: SessionStage,
    expires: Option<Instant>,
    /// After a backup code: how many are left.
    backup_codes_left: Option<u8>,
    /// Few backup codes are left: make new ones.
    backup_codes_low: bool,
    #[serde(flatten)]
    receipt: Receipt,
}

impl SecondFactor {
    pub fn into_factor(self) -> Result<TypedFactor, Problem> {
        match (self.code, self.backup_code) {
            (Some(code), None) => Ok(TypedFactor::Code(code.0)),
            (None, Some(code)) => Ok(TypedFactor::BackupCode(code.0)),
            _ => Err(Problem::new("invalid-request").fault("#", "either code or backup_code")),
        }
    }
}

/// Show a second factor: to finish a log-in, or, in a finished session, to step up.
#[utoipa::path(
    post, path = "/v1/session/second-factor", tag = "session",
    request_body = SecondFactor,
    responses((status = 200, description = "Accepted, once and for ever", body = Verified)),
)]
pub(crate) async fn verify(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<SecondFactor>,
) -> Result<(HeaderMap, Json<Verified>), Problem> {
    app.limiter.check(meta.address)?;
    let intent = Intent::VerifySecondFactor { factor: value.into_factor()? };
    let done = meta.execute(&app, caller, &bytes, intent).await?;
    let (expires, backup_codes_left) = match &done.record.event {
        Event::SecondFactorVerified(event) => (event.expires, None),
        Event::BackupCodeUsed(event) => (event.expires, Some(event.left)),
        _ => return Err(Problem::new("internal-error")),
    };
    let body = Verified {
        next: SessionStage::Done,
        expires,
        backup_codes_left,
        backup_codes_low: backup_codes_left.is_some_and(|left| left <= BACKUP_CODES_LOW),
        receipt: Receipt::of(&done),
    };
    Ok((Receipt::headers(&done), Json(body)))
}
