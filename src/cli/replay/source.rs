//! The entries of the activity log, wherever the ledger is: each reading is on record before anything is shown.

use std::collections::BTreeMap;

use mfa_ledger_projections::Order;
use mfa_ledger_schemas::AdministratorId;
use serde_json::Value;

use crate::cli::activity::entry::{PAGE, note, page};
use crate::cli::activity::filter::Filter;
use crate::cli::reach::no_such;
use crate::cli::{Failed, Here, Remote};
use crate::service::{READ, command};

/// Everything that an administrator did or that was done to them, by position; with it who that is.
pub(in crate::cli) async fn here(here: &Here, who: &str) -> Result<(AdministratorId, Vec<Value>), Failed> {
    let query = format!("administrator={who}");
    note(here, command::ReadActivity { query, right: READ }).await?;
    let id = identified_here(here, who).await?;
    let mut entries = BTreeMap::new();
    for filter in about(id) {
        let mut after = None;
        loop {
            let (rows, next) = page(here, &filter, Order::Ascending, after, PAGE).await?;
            take(&mut entries, rows)?;
            if next.is_none() {
                break;
            }
            after = next;
        }
    }
    Ok((id, entries.into_values().collect()))
}

/// The same through the API.
pub(in crate::cli) async fn there(
    remote: &Remote,
    who: &str,
) -> Result<(AdministratorId, Vec<Value>), Failed> {
    let id = identified_there(remote, who).await?;
    let mut entries = BTreeMap::new();
    for filter in about(id) {
        let mut query = filter.query();
        query.extend([("order", "asc".to_owned()), ("limit", PAGE.to_string())]);
        let asked = query.len();
        loop {
            let page = remote.get("/v1/activity", &query).await?;
            take(&mut entries, page["data"].as_array().cloned().unwrap_or_default())?;
            let Some(next) = page["next"].as_str() else { break };
            query.truncate(asked);
            query.push(("after", next.to_owned()));
        }
    }
    Ok((id, entries.into_values().collect()))
}

fn about(id: AdministratorId) -> [Filter; 2] {
    [Filter::of_target(&id.to_string()), Filter::of_actor(&id.to_string())]
}

fn take(entries: &mut BTreeMap<u64, Value>, rows: Vec<Value>) -> Result<(), Failed> {
    for row in rows {
        let position = row["position"].as_u64();
        entries.insert(position.ok_or_else(|| Failed::new("an entry has no position"))?, row);
    }
    Ok(())
}

/// An id is taken at its word; a name is that of whoever has it now, or had it last.
async fn identified_here(here: &Here, who: &str) -> Result<AdministratorId, Failed> {
    if let Ok(id) = who.parse::<AdministratorId>() {
        let known = here.service().peek(|state| state.directory.administrator(id).is_some());
        return known.then_some(id).ok_or_else(|| no_such(who));
    }
    if let Ok(administrator) = here.administrator(who) {
        return Ok(administrator.id);
    }
    let (rows, _) = page(here, &Filter::of_target(who), Order::Descending, None, 1).await?;
    target_of(&rows, who)
}

async fn identified_there(remote: &Remote, who: &str) -> Result<AdministratorId, Failed> {
    let mut query = Filter::of_target(who).query();
    query.extend([("order", "desc".to_owned()), ("limit", "1".to_owned())]);
    let newest = remote.get("/v1/activity", &query).await?;
    target_of(newest["data"].as_array().map_or(&[][..], Vec::as_slice), who)
}

/// Whoever there is was registered, which is a record about them.
fn target_of(rows: &[Value], who: &str) -> Result<AdministratorId, Failed> {
    let id = rows.first().and_then(|row| row["target"]["administrator"].as_str());
    id.and_then(|id| id.parse().ok()).ok_or_else(|| no_such(who))
}
