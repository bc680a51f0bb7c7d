//! `DELETE /v1/silences/{id}`: end a silence before its time.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_api::silences::Ended;
use mfa_ledger_ledger::service::command;
use mfa_ledger_schemas::SilenceId;

use crate::{App, Meta, PathId, Problem, Signed, receipt};

/// End a silence before its time.
#[utoipa::path(
    delete, path = "/v1/silences/{id}", tag = "alerts",
    params(("id" = SilenceId, Path, description = "The silence")),
    responses((status = 200, description = "Ended", body = Ended)),
)]
pub(crate) async fn end(
    State(app): State<App>,
    Signed(caller): Signed,
    PathId(silence): PathId<SilenceId>,
    meta: Meta,
) -> Result<(HeaderMap, Json<Ended>), Problem> {
    let done = meta.execute(&app, caller, &[], command::EndSilence { silence }).await?;
    Ok((receipt::headers(&done.receipt), Json(Ended { silence, receipt: receipt::of(&done.receipt) })))
}
