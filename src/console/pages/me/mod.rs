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
use crate::console::form::given;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(show::routes())
        .merge(enrollment::routes())
        .merge(backup_codes::routes())
        .merge(disable::routes())
        .merge(password::routes())
        .merge(sessions::routes())
}

/// A form that asks for a code of the authenticator app.
#[derive(Debug, Deserialize)]
struct CodeForm {
    #[serde(default)]
    key: String,
    #[serde(default, deserialize_with = "given")]
    code: Option<String>,
}

/// What the API is told.
#[derive(Debug, Serialize)]
struct Code {
    code: String,
}

impl CodeForm {
    fn code(&self) -> Code {
        Code { code: self.code.as_deref().unwrap_or_default().replace(' ', "") }
    }
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
