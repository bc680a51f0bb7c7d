//! What a ledger is worked with.

use std::sync::Arc;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::disk::Disk;

/// The disk, time and chance. By default those of the operating system.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// Where it lies.
    pub disk: Disk,
    /// When it is.
    pub clock: Arc<Clock>,
    /// What ids, secrets and keys are drawn from.
    pub chance: Arc<Chance>,
}

impl Means {
    /// The operating system's disk, with this time and chance.
    pub fn of(clock: Arc<Clock>, chance: Arc<Chance>) -> Self {
        Self { disk: Disk::real(), clock, chance }
    }
}
