//! `GET /v1/me`: one's own profile.

use axum::Json;
use axum::extract::State;
use mfa_ledger_api::me::{HeldPermission, OwnMfa, OwnSession, Profile};
use mfa_ledger_ledger::service::{BACKUP_CODES_LOW, Caller, Right, policy};
use mfa_ledger_projections::{Administrator, State as Folded};
use mfa_ledger_schemas::{Instant, MfaStatus, Permission};

use super::own;
use crate::administrators::{last_used, mfa_available, role_name};
use crate::{App, Problem, Signed};

/// One's own profile, role and permissions; also while enrollment is forced.
#[utoipa::path(
    get, path = "/v1/me", tag = "me",
    responses((status = 200, description = "The profile", body = Profile)),
)]
pub(crate) async fn show(State(app): State<App>, Signed(caller): Signed) -> Result<Json<Profile>, Problem> {
    own_profile(&app, &caller).map(Json)
}

/// The caller's profile.
pub(crate) fn own_profile(app: &App, caller: &Caller) -> Result<Profile, Problem> {
    let id = own(caller)?;
    let found = app.service.query(caller, Right::OwnProfile, |state, now| {
        state.directory.administrator(id).map(|it| (profile(state, it, caller, now), it.personal))
    })?;
    let (mut profile, personal) = found.ok_or_else(Problem::unauthenticated)?;
    let personal = app.service.personal(personal);
    profile.unreadable = personal.is_unreadable();
    if let Some(personal) = personal.known() {
        profile.display_name = Some(personal.display_name);
        profile.emails = personal.emails;
    }
    Ok(profile)
}

fn profile(state: &Folded, it: &Administrator, caller: &Caller, now: Instant) -> Profile {
    let held = Permission::ALL.iter().filter(|permission| policy::holds(&state.directory, it, **permission));
    let permissions = held.map(|permission| HeldPermission {
        permission: *permission,
        display_name: permission.display_name().into(),
        category: permission.category().into(),
    });
    Profile {
        id: it.id,
        user_name: it.user_name.clone(),
        display_name: None,
        emails: Vec::new(),
        unreadable: false,
        role: role_name(state, &it.role),
        permissions: permissions.collect(),
        super_administrator: it.super_administrator,
        mfa: own_mfa(state, it, now),
        password_change_due: it.password.expires.is_some(),
        password_expires: it.password.expires,
        sessions: own_sessions(state, it, caller, now),
    }
}

fn own_sessions(state: &Folded, it: &Administrator, caller: &Caller, now: Instant) -> Vec<OwnSession> {
    let current = |id| matches!(caller, Caller::Session { session, .. } if *session == id);
    let open = it.sessions.iter().filter_map(|id| state.directory.session(*id, now));
    let mut sessions: Vec<_> = open
        .map(|session| OwnSession {
            session: session.id,
            current: current(session.id),
            started: session.started,
            expires: session.expires,
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
        })
        .collect();
    sessions.sort_by_key(|session| session.started);
    sessions
}

fn own_mfa(state: &Folded, it: &Administrator, now: Instant) -> OwnMfa {
    let enrolled = it.mfa.enrolled.as_ref();
    let status = it.mfa.status(now);
    let pending = it.mfa.pending.as_ref().filter(|_| status == MfaStatus::Pending);
    let left = enrolled.map(|enrolled| u8::try_from(enrolled.unused.len()).unwrap_or(u8::MAX));
    OwnMfa {
        available: mfa_available(state),
        status,
        required: state.directory.mfa_required(it),
        enrolled_at: enrolled.map(|enrolled| enrolled.at),
        pending_expires: pending.map(|pending| pending.expires),
        last_used: last_used(it),
        backup_codes_left: left,
        backup_codes_low: left.is_some_and(|left| left <= BACKUP_CODES_LOW),
    }
}
