//! An administrator as the command line shows them: with the names that the API uses.

use mfa_ledger_projections::Administrator;
use serde_json::{Value, json};

use crate::cli::exit::Failed;
use crate::cli::out::Column;
use crate::cli::reach::Here;

pub(super) const COLUMNS: &[Column] = &[
    ("User name", "user_name"),
    ("Display name", "display_name"),
    ("Role", "role"),
    ("Super", "super_administrator"),
    ("Active", "active"),
    ("MFA", "mfa.status"),
    ("Id", "id"),
];

pub(super) fn shown(here: &Here, it: &Administrator) -> Result<Value, Failed> {
    let service = here.service();
    let now = service.now();
    let personal = service
        .personal(it.personal)
        .map_err(|error| Failed::new("the vault cannot be read").because(&error))?
        .unwrap_or_default();
    let required = service.peek(|state| state.directory.mfa_required(it));
    let enrolled = it.mfa.enrolled.as_ref();
    Ok(json!({
        "id": it.id,
        "user_name": it.user_name,
        "display_name": personal.display_name,
        "emails": personal.emails,
        "role": it.role,
        "super_administrator": it.super_administrator,
        "active": it.active,
        "frozen": it.frozen,
        "registered_at": it.registered_at,
        "last_log_in": it.last_log_in,
        "version": it.version,
        "mfa": {
            "status": it.mfa.status(now),
            "required": required,
            "enrolled_at": enrolled.map(|enrolled| enrolled.at),
            "backup_codes_left": enrolled.map(|enrolled| enrolled.unused.len()),
            "last_reset": it.last_reset,
        },
    }))
}
