//! `/console/administrators`: the accounts, and what is done to their MFA.

pub(crate) mod authentication;
pub(crate) mod clear_suspicion;
pub(crate) mod list;
pub(crate) mod reset;
pub(crate) mod show;
pub(crate) mod suspicious;

use axum::Router;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_schemas::AdministratorId;

use crate::{Console, Trouble, Visit};

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(list::routes())
        .merge(show::routes())
        .merge(reset::routes())
        .merge(suspicious::routes())
        .merge(clear_suspicion::routes())
        .merge(authentication::routes())
}

/// An account, for those alone who see where it stands with MFA, where the buttons are.
async fn managed(visit: &Visit, id: AdministratorId) -> Result<AdministratorBody, Trouble> {
    let it = visit.api.find::<AdministratorBody>(&format!("/v1/administrators/{id}")).await?;
    it.filter(|it| it.mfa.is_some()).ok_or_else(Trouble::missing)
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("administrators/list", list::samples(lang)),
        ("administrators/show", show::samples(lang)),
        ("administrators/reset", reset::samples(lang)),
        ("administrators/suspicious", suspicious::samples(lang)),
        ("administrators/authentication", authentication::samples(lang)),
        ("administrators/clear_suspicion", clear_suspicion::samples(lang)),
    ]
}
