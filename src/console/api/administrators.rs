//! `/v1/administrators`.

use std::collections::{BTreeMap, BTreeSet};

use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::page::Page;
use mfa_ledger_schemas::AdministratorId;

use super::{Asking, Trouble, pairs, with_query};

/// Names of the administrators among these texts, by their ids, as far as the viewer may know them; other texts
/// are none.
pub(crate) async fn names<'a>(
    api: &Asking,
    texts: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let ids: BTreeSet<AdministratorId> = texts.filter_map(|text| text.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query: Vec<_> = ids.iter().map(|id| ("id", id.to_string())).collect();
    let path = with_query("/v1/administrators", &pairs(&query));
    let found = api.find::<Page<AdministratorBody>>(&path).await?;
    let found = found.into_iter().flat_map(|page| page.data);
    Ok(found.map(|account| (account.id.to_string(), account.user_name)).collect())
}
