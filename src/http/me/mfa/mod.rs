//! `/v1/me/mfa`: one's own MFA.

mod backup_codes;
mod disable;
mod enrollment;

use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Done;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::text::Typed;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(disable::disable))
        .routes(routes!(backup_codes::regenerate))
        .merge(enrollment::routes())
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    code: Typed,
}

/// New backup codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct BackupCodes {
    /// Each is good once. Shown once, never again: empty in a repeated answer.
    #[schema(value_type = Vec<String>)]
    backup_codes: Vec<JsonSecret>,
    /// Whether this answer shows the codes; a repeated one does not.
    backup_codes_shown: bool,
}

impl BackupCodes {
    fn of(done: &Done) -> Self {
        let codes = &done.shown.backup_codes;
        Self {
            backup_codes: codes.iter().cloned().map(JsonSecret).collect(),
            backup_codes_shown: !codes.is_empty(),
        }
    }
}
