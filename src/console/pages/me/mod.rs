//! `/console/me`: the viewer's own account.

pub(in crate::console) mod backup_codes;
pub(in crate::console) mod disable;
pub(in crate::console) mod enrollment;
pub(in crate::console) mod password;
pub(in crate::console) mod sessions;
pub(in crate::console) mod show;

use axum::Router;
use serde::{Deserialize, Serialize};

use crate::console::Console;
use crate::wiped::{Fields, JsonSecret};

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(show::routes())
        .merge(enrollment::routes())
        .merge(backup_codes::routes())
        .merge(disable::routes())
        .merge(password::routes())
        .merge(sessions::routes())
}

/// A form that asks for nothing, or only for a code of the authenticator app.
#[derive(Debug, Deserialize)]
struct CodeForm {
    #[serde(default)]
    key: String,
}

/// What the API is told.
#[derive(Debug, Serialize)]
struct Code {
    code: JsonSecret,
}

impl Code {
    fn of(secrets: &mut Fields) -> Self {
        Self { code: JsonSecret(secrets.take_code("code")) }
    }
}

#[cfg(test)]
fn sample_secret(text: &str) -> JsonSecret {
    JsonSecret(crate::wiped::SecretText::new(text.to_owned()))
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("me/show", show::samples(lang)),
        ("me/enrollment", enrollment::samples(lang)),
        ("me/backup_codes", backup_codes::samples(lang)),
        ("me/disable", disable::samples(lang)),
        ("me/password", password::samples(lang)),
    ]
}
