//! A long log, made through the codec and the engine.

use std::path::Path;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::{Embedded, Sizes};
use mfa_ledger::log::{self, Log};
use mfa_ledger_schemas::{LedgerId, codec};

use super::events::record;
use crate::Outcome;

/// Appends under way at once.
const UNDER_WAY: usize = 512;

/// Whose data directory it is.
pub fn ledger(data_dir: &Path) -> Outcome<LedgerId> {
    let meta: serde_json::Value = serde_json::from_slice(&std::fs::read(data_dir.join("ledger.json"))?)?;
    Ok(serde_json::from_value(meta["ledger"].clone())?)
}

/// Appends so many events to the log of a data directory that nobody has open, and tells their encoded bytes.
pub async fn append(data_dir: &Path, events: u64) -> Outcome<u64> {
    let ledger = ledger(data_dir)?;
    let dir = data_dir.to_owned();
    let open = move || Embedded::open_sized(&dir, ledger.bytes(), Disk::real(), Sizes::default());
    let (log, _) = tokio::task::spawn_blocking(open).await??;
    let log = std::sync::Arc::new(log);
    let before = log.head().await?.0;
    let records = (0..events).map(|number| {
        let record = record(number, events);
        let stream = log::Stream::new(&record.stream.to_string());
        codec::encode(ledger, &record).map(|stored| (stream, Bytes::from(stored)))
    });
    let mut bytes = 0;
    let appended = stream::iter(records).map(|made| {
        let log = std::sync::Arc::clone(&log);
        async move {
            let (stream, stored) = made?;
            let length = stored.len() as u64;
            log.append(&stream, &[], stored).await?;
            Outcome::Ok(length)
        }
    });
    let mut appended = appended.buffered(UNDER_WAY);
    while let Some(length) = appended.try_next().await? {
        bytes += length;
    }
    drop(appended);
    assert_eq!(log.head().await?.0, before + events, "all of them");
    log.close().await?;
    Ok(bytes)
}
