//! Fair turns within this process: commands on the same stream wait for each other instead of
//! conflicting in the log. The log's own check stays the law; this only spares retries.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

const STRIPES: usize = 4_096;

/// Striped locks.
pub(super) struct Locks(Vec<Arc<Mutex<()>>>);

impl Default for Locks {
    fn default() -> Self {
        Self((0..STRIPES).map(|_| Arc::default()).collect())
    }
}

impl Locks {
    /// Takes the locks of all these keys, always in the same order, so that nobody waits in a circle.
    pub async fn take<K: Hash>(&self, keys: impl IntoIterator<Item = K>) -> Vec<OwnedMutexGuard<()>> {
        let stripes: BTreeSet<usize> = keys.into_iter().map(|key| stripe(&key)).collect();
        let mut guards = Vec::with_capacity(stripes.len());
        for stripe in stripes {
            guards.push(Arc::clone(&self.0[stripe]).lock_owned().await);
        }
        guards
    }
}

fn stripe(key: &impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or(0)
}
