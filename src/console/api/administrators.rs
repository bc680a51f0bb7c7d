//! `/v1/administrators`.

use std::collections::{BTreeMap, BTreeSet};

use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_schemas::AdministratorId;

use super::{Asking, Trouble};

/// Names of the administrators among these texts, by their ids, as far as the viewer may know them; other texts
/// are none.
pub(crate) async fn names<'a>(
    api: &Asking,
    texts: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let ids: BTreeSet<AdministratorId> = texts.filter_map(|text| text.parse().ok()).collect();
    let mut names = BTreeMap::new();
    for id in ids {
        if let Some(account) = api.find::<AdministratorBody>(&format!("/v1/administrators/{id}")).await? {
            names.insert(id.to_string(), account.user_name);
        }
    }
    Ok(names)
}
