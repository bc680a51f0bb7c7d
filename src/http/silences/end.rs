//! `DELETE /v1/silences/{id}`: end a silence before its time.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mfa_ledger_schemas::SilenceId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::meta::Meta;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::receipt::Receipt;
use crate::http::signed::Signed;
use crate::service::Intent;

/// A silence that was ended.
#[derive(Serialize, ToSchema)]
#[schema(as = SilenceEnded)]
pub(crate) struct Ended {
    silence: SilenceId,
    #[serde(flatten)]
    receipt: Receipt,
}

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
    let done = meta.execute(&app, caller, &[], Intent::EndSilence { silence }).await?;
    Ok((Receipt::headers(&done), Json(Ended { silence, receipt: Receipt::of(&done) })))
}
