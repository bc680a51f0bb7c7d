//! `/v1/administrators`.

use std::collections::{BTreeMap, BTreeSet};

use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::page::Page;
use mfa_ledger_schemas::AdministratorId;

use super::{Asking, Trouble, with_query};

/// Names of the administrators among these texts, by their ids, as far as the viewer may know them; other texts
/// are none.
pub(crate) async fn names<'a>(
    api: &Asking,
    texts: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let ids: BTreeSet<AdministratorId> = texts.filter_map(|text| text.parse().ok()).collect();
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query: Vec<_> = ids.iter().map(|id| ("id", id.as_str())).collect();
    let found = api.find::<Page<AdministratorBody>>(&with_query("/v1/administrators", &query)).await?;
    let found = found.into_iter().flat_map(|page| page.data);
    Ok(found.map(|account| (account.id.to_string(), account.user_name)).collect())
}
