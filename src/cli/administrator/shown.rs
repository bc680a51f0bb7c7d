//! An administrator as the command line shows them: with the names that the API uses.

use mfa_ledger_projections::{Administrator, State};
use mfa_ledger_schemas::Instant;
use serde_json::{Value, json};

use crate::cli::{Column, Here};

pub(in crate::cli) const COLUMNS: &[Column] = &[
    ("User name", "user_name"),
    ("Display name", "display_name"),
    ("Role", "role.id"),
    ("Super", "super_administrator"),
    ("Active", "active"),
    ("MFA", "mfa.status"),
    ("Id", "id"),
];

pub(super) fn shown(here: &Here, it: &Administrator) -> Value {
    let now = here.service().now();
    here.service().peek(|state| shown_in(here, state, it, now))
}

/// The same in a state, which may be of the past; sealed names as far as they exist now.
pub(in crate::cli) fn shown_in(here: &Here, state: &State, it: &Administrator, at: Instant) -> Value {
    let personal = here.service().personal(it.personal);
    let unreadable = personal.is_unreadable();
    let personal = personal.known().unwrap_or_default();
    let role = state.directory.role(&it.role).map(|role| role.name.clone());
    let mut shown = json!({
        "id": it.id,
        "user_name": it.user_name,
        "display_name": personal.display_name,
        "emails": personal.emails,
        "role": { "id": it.role, "name": role },
        "super_administrator": it.super_administrator,
        "active": it.active,
        "frozen": it.frozen,
        "registered_at": it.registered_at,
        "last_log_in": it.last_log_in,
        "password_expires": it.password.expires,
        "mfa": {
            "status": it.mfa.status(at),
            "required": state.directory.mfa_required(it),
        },
        "version": it.version,
    });
    if unreadable {
        shown["unreadable"] = true.into();
    }
    shown
}

/// What the help desk needs beyond that.
pub(super) fn security(here: &Here, it: &Administrator) -> Value {
    here.service().peek(|state| security_in(state, it))
}

/// The same in a state, which may be of the past.
pub(in crate::cli) fn security_in(state: &State, it: &Administrator) -> Value {
    let enrolled = it.mfa.enrolled.as_ref();
    let last_reset = it.last_reset.and_then(|position| Some((position, state.resets.at(position)?.at)));
    json!({
        "enrolled_at": enrolled.map(|enrolled| enrolled.at),
        "last_used": it.last_used.map(|(method, at)| json!({ "method": method, "at": at })),
        "backup_codes_left": enrolled.map(|enrolled| enrolled.unused.len()),
        "last_reset": last_reset.map(|(position, at)| json!({ "position": position, "at": at })),
        "epoch": it.epoch,
        "sessions": it.sessions.len(),
    })
}
