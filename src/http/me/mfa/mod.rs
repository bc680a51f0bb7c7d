//! `/v1/me/mfa`: one's own MFA.

mod backup_codes;
mod disable;
mod enrollment;

use mfa_ledger_api::me::BackupCodes;
use mfa_ledger_base::wiped::JsonSecret;
use mfa_ledger_ledger::service::Shown;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(disable::disable))
        .routes(routes!(backup_codes::regenerate))
        .merge(enrollment::routes())
}

fn backup_codes(shown: &Shown) -> BackupCodes {
    let codes = &shown.generated;
    BackupCodes {
        backup_codes: codes.iter().cloned().map(JsonSecret).collect(),
        backup_codes_shown: !codes.is_empty(),
    }
}
