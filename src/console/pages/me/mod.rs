//! `/console/me`: the viewer's own account.

pub(crate) mod backup_codes;
pub(crate) mod disable;
pub(crate) mod enrollment;
pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod show;

use axum::Router;

use crate::Console;
#[cfg(test)]
use mfa_ledger_base::wiped::JsonSecret;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(show::routes())
        .merge(enrollment::routes())
        .merge(backup_codes::routes())
        .merge(disable::routes())
        .merge(password::routes())
        .merge(sessions::routes())
}

#[cfg(test)]
fn sample_secret(text: &str) -> JsonSecret {
    JsonSecret(mfa_ledger_base::wiped::SecretText::new(text.to_owned()))
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("me/show", show::samples(lang)),
        ("me/enrollment", enrollment::samples(lang)),
        ("me/backup_codes", backup_codes::samples(lang)),
        ("me/disable", disable::samples(lang)),
        ("me/password", password::samples(lang)),
    ]
}
