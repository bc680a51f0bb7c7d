//! Reading the activity log is an activity.

mod export;
mod read;

use mfa_ledger_schemas::Instant;

use crate::UseCase;
use crate::policy::Right;

pub use export::{EXPORT, ExportActivity};
pub use read::{READ, ReadActivity};

/// A reading of the activity log. One record for each caller and minute is enough.
pub trait Reading: UseCase {
    /// What it takes.
    fn right(&self) -> Right;

    /// The action that it is recorded as.
    fn action(&self) -> &'static str;
}

/// The beginning of a moment's minute.
pub fn minute(now: Instant) -> Instant {
    Instant::from_unix_seconds(now.unix_seconds().div_euclid(60) * 60)
}
