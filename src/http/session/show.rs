//! `GET /v1/session`: the session that the token opens.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::session::SessionBody;
use mfa_ledger_ledger::service::{Caller, Right, policy};

use crate::{App, Problem, Signed};

/// The session that the token opens, whatever it can do.
#[utoipa::path(
    get, path = "/v1/session", tag = "session",
    responses((status = 200, description = "The session", body = SessionBody)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<SessionBody>, Problem> {
    body(&app, &caller).map(Json)
}

/// The session that the caller has.
pub(super) fn body(app: &App, caller: &Caller) -> Result<SessionBody, Problem> {
    let Caller::Session { administrator, session } = caller else {
        return Err(Problem::code_of(mfa_ledger_schemas::RefusalCode::PermissionDenied));
    };
    let body = app.service.query(caller, Right::OwnSession, |state, now| {
        let session = state.directory.session(*session, now)?;
        let administrator = state.directory.administrator(*administrator)?;
        Some(SessionBody {
            session: session.id,
            administrator: administrator.id,
            user_name: administrator.user_name.clone(),
            next: policy::stage(&state.directory, session),
            expires: session.expires,
            verified_at: session.verified_at,
            password_change_due: administrator.password.expires.is_some(),
        })
    })?;
    body.ok_or_else(Problem::unauthenticated)
}
