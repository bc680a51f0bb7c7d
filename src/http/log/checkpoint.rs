//! `GET /v1/log/checkpoint`, and `GET /checkpoint` where readers of tiles look for it.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mfa_ledger_base::tlog::note::MEDIA_TYPE;
use mfa_ledger_ledger::follow::seal::Sealer;

use super::sealer;
use crate::{App, Problem};

/// The newest signed checkpoint: origin, size and root of the log (c2sp.org/tlog-checkpoint).
///
/// Check its signature with a key that you were given another way than through this server.
#[utoipa::path(
    get, path = "/v1/log/checkpoint", tag = "log", security(()),
    responses((status = 200, description = "The checkpoint", body = String, content_type = "text/plain")),
)]
pub(crate) async fn newest(State(app): State<App>) -> Result<Response, Problem> {
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text(sealer(&app)?)).into_response())
}

/// As it is signed.
pub(super) fn text(sealer: &Sealer) -> String {
    sealer.newest().signed.note.to_string()
}

/// The same, at the prefix that `/tile` has (c2sp.org/tlog-tiles).
#[utoipa::path(
    get, path = "/checkpoint", tag = "log", security(()),
    responses((status = 200, description = "The checkpoint", body = String, content_type = "text/plain")),
)]
pub(crate) async fn at_prefix(app: State<App>) -> Result<Response, Problem> {
    newest(app).await
}
