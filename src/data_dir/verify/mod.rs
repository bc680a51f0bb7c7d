//! Verifying the log: when it is opened, in the background while it is served, and on demand.

pub(super) mod at_start;
mod background;
mod on_demand;

pub(crate) use background::LookingOver;
pub(crate) use on_demand::OnDemand;
