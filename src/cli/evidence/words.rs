//! The words that lie sealed beside the records of a bundle, for whoever asks for them.

use std::collections::BTreeMap;

use mfa_ledger_schemas::Position;
use serde_json::Value;

use super::gather::Gathered;
use crate::cli::activity::entry::{PAGE, words_of};
use crate::cli::reach::reach;
use crate::cli::{Failed, Globals, Here, Reach, Remote};

/// Words by position.
pub(super) type Told = BTreeMap<u64, Value>;

/// Those that still exist.
pub(super) async fn told(globals: &Globals, gathered: &Gathered) -> Result<Told, Failed> {
    match reach(globals).await? {
        Reach::Here(here) => here.work(async |here| told_here(here, gathered).await).await,
        Reach::There(remote) => told_there(&remote, gathered).await,
    }
}

pub(super) fn as_json(told: &Told) -> Value {
    told.iter().map(|(position, words)| (position.to_string(), words.clone())).collect()
}

async fn told_here(here: &Here, gathered: &Gathered) -> Result<Told, Failed> {
    let mut told = Told::new();
    let positions: Vec<_> = gathered.records.keys().copied().map(Position).collect();
    for some in positions.chunks(PAGE) {
        for record in here.service().activity_records(some).await? {
            let words = words_of(record.words);
            if !words.is_null() {
                told.insert(record.position.0, words);
            }
        }
    }
    Ok(told)
}

async fn told_there(remote: &Remote, gathered: &Gathered) -> Result<Told, Failed> {
    let mut told = Told::new();
    for position in gathered.records.keys() {
        let entry = remote.get(&format!("/v1/activity/{position}"), &[]).await?;
        if !entry["words"].is_null() {
            told.insert(*position, entry["words"].clone());
        }
    }
    Ok(told)
}
