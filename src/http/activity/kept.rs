//! Entries that stay in memory once they were asked for, without their words: what is erased is not kept here.

use std::sync::Arc;

use mfa_ledger_schemas::Position;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::entry::Rendered;

/// Bytes of entries that stay; the ones asked for least go first.
pub(crate) const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// What one entry takes, about.
const ENTRY_BYTES: u64 = 1_024;

/// Entries by their position.
pub(crate) type KeptEntries = Cache<Position, Arc<Rendered>, Bytes>;

/// An entry weighs what it takes in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes;

impl Weighter<Position, Arc<Rendered>> for Bytes {
    fn weight(&self, _: &Position, entry: &Arc<Rendered>) -> u64 {
        entry.bytes() as u64
    }
}

/// None yet.
pub(crate) fn none() -> KeptEntries {
    let about = usize::try_from(KEPT_BYTES / ENTRY_BYTES).unwrap_or(usize::MAX);
    Cache::with_weighter(about, KEPT_BYTES, Bytes)
}
