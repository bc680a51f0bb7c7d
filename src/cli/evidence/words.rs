//! That a bundle is made goes on record; with it, where they were asked for, come the words that lie sealed.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use mfa_ledger_schemas::Position;
use serde_json::Value;

use super::gather::Gathered;
use crate::cli::activity::entry::{PAGE, note};
use crate::cli::exit::Failed;
use crate::cli::globals::Globals;
use crate::cli::reach::{Here, Reach, reach};
use crate::cli::remote::Remote;
use crate::service::Intent;

/// The media type of a bundle.
const FORMAT: &str = "application/x-tar";

/// Words by position.
pub(super) type Told = BTreeMap<u64, Value>;

/// Puts the export on record, which may be refused; the words that still exist, if they are wanted.
pub(super) async fn told(globals: &Globals, gathered: &Gathered, wanted: bool) -> Result<Told, Failed> {
    match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| told_here(here, gathered, wanted).await).await,
        Reach::There(remote) => told_there(&remote, gathered, wanted).await,
    }
}

pub(super) fn as_json(told: &Told) -> Value {
    told.iter().map(|(position, words)| (position.to_string(), words.clone())).collect()
}

async fn told_here(here: &Here, gathered: &Gathered, wanted: bool) -> Result<Told, Failed> {
    let query = format!("evidence={}", gathered.about);
    note(here, Intent::ExportActivity { format: FORMAT.to_owned(), query }).await?;
    let mut told = Told::new();
    if !wanted {
        return Ok(told);
    }
    let positions: Vec<_> = gathered.records.keys().copied().map(Position).collect();
    for some in positions.chunks(PAGE) {
        for record in here.service().activity_records(some).await? {
            if let Some(words) = record.words {
                let words = serde_json::to_value(words);
                let words = words.map_err(|error| Failed::new("words are not JSON").because(&error))?;
                told.insert(record.position.0, words);
            }
        }
    }
    Ok(told)
}

/// What the server gives as an export it has recorded as one, and only to whoever may have it.
async fn told_there(remote: &Remote, gathered: &Gathered, wanted: bool) -> Result<Told, Failed> {
    let one = [("target", gathered.administrator.to_string()), ("limit", "1".to_owned())];
    let mut lines = Box::pin(remote.lines("/v1/activity", &one).await?);
    while let Some(entries) = lines.next().await {
        entries?;
    }
    let mut told = Told::new();
    for position in gathered.records.keys().filter(|_| wanted) {
        let entry = remote.get(&format!("/v1/activity/{position}"), &[]).await?;
        if !entry["words"].is_null() {
            told.insert(*position, entry["words"].clone());
        }
    }
    Ok(told)
}
