//! `GET /v1/session/viewer`: what a client shows around everything else.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::session::Viewer;
use mfa_ledger_schemas::SessionStage;

use super::show;
use crate::administrators::registered_since;
use crate::me::own_profile;
use crate::settings::current;
use crate::{App, Problem, Signed};

/// The session, its holder's profile and the settings in one answer, each as far as the session opens it.
#[utoipa::path(
    get, path = "/v1/session/viewer", tag = "session",
    responses((status = 200, description = "What can be seen", body = Viewer)),
)]
pub(crate) async fn viewer(State(app): State<App>, Signed(caller): Signed) -> Result<Json<Viewer>, Problem> {
    let session = show::body(&app, &caller)?;
    // Nobody is told of themselves before their second factor.
    let is_known = session.next != SessionStage::Verify;
    let profile = is_known.then(|| own_profile(&app, &caller)).transpose()?;
    let is_inside = session.next == SessionStage::Done;
    let settings = is_inside.then(|| current(&app, &caller)).transpose()?.map(|(_, settings)| settings);
    let accounts_since = registered_since(&app, &caller).ok().flatten();
    Ok(Json(Viewer { session, profile, settings, accounts_since }))
}
