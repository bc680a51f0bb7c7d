//! Verifying the log: when it is opened, in the background while it is served, and on demand.

pub(super) mod at_start;
mod background;
mod on_demand;
pub(super) mod tiles;

use crate::follow::verified::Against;
use crate::integrity::Remembered;

pub(crate) use self::background::Background;
pub(crate) use self::on_demand::OnDemand;

/// What is remembered, as it is told.
fn against(remembered: &[Remembered]) -> Vec<Against> {
    let told = |it: &Remembered| Against { source: it.source.clone(), checkpoint: it.checkpoint.clone() };
    remembered.iter().map(told).collect()
}
