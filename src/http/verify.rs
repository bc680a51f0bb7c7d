//! `POST /v1/verify`: a host application asks whether a second factor is good.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::verify::{Question, Verdict};
use mfa_ledger_ledger::service::command::{self, TypedFactor, Verified};
use mfa_ledger_ledger::service::{Done, Failed, Rejected, Rejection};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::body::Body;
use super::meta::Meta;
use super::problem::Problem;
use super::receipt;
use super::signed::Signed;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(verify))
}

/// Is this second factor good?
///
/// For service accounts with the scope `verify-second-factor`. A wrong code is an answer, not a problem.
#[utoipa::path(
    post, path = "/v1/verify", tag = "verify",
    request_body = Question,
    responses((status = 200, description = "Whether it was accepted", body = Verdict)),
)]
async fn verify(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Body { value, bytes }: Body<Question>,
) -> Result<(HeaderMap, Json<Verdict>), Problem> {
    let factor = match (value.code, value.backup_code) {
        (Some(code), None) => TypedFactor::Code(code.0),
        (None, Some(code)) => TypedFactor::BackupCode(code.0),
        _ => return Err(Problem::new("invalid-request").fault("#", "either code or backup_code")),
    };
    let command = command::VerifyForHost { administrator: value.administrator, factor };
    let answer = meta.ask(&app, caller, &bytes, command).await?;
    let (accepted, retry_at, backup_codes_left, receipt) = match answer {
        Ok(Done { event: Verified::Totp(_), receipt, .. }) => (true, None, None, receipt),
        Ok(Done { event: Verified::BackupCode(used), receipt, .. }) => (true, None, Some(used.left), receipt),
        Err(Rejected { why: Rejection::Failed(Failed::SecondFactor(failed)), receipt }) => {
            (false, failed.next_attempt, None, receipt)
        }
        Err(rejected) => return Err(Problem::rejected(rejected, app.service.now())),
    };
    let verdict = Verdict { accepted, retry_at, backup_codes_left, receipt: receipt::of(&receipt) };
    Ok((receipt::headers(&receipt), Json(verdict)))
}
