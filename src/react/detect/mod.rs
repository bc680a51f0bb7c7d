//! Detection: Sigma rules over the log, live and over the past.
//!
//! One [`Engine`] reads the leaves in the order of the log, with the record's own time, and adds the fields that
//! Sigma cannot compute ([`facts`]). It knows nothing of clocks and of who runs it, so that a back-test and the
//! live [`Detector`] find the same. What it knows is kept from one run to the next; with other rules the log is read
//! again. The id of an alert comes from rule, group and position, so that nothing is raised twice.

mod absence;
pub mod backtest;
pub mod engine;
pub mod facts;
pub mod fixture;
mod live;
pub mod load;
mod memory;
mod pack;
mod rule;
mod seen;
mod wanted;

pub use backtest::{Backtest, Range, Report};
pub use engine::{Engine, Match, Unreadable};
pub use live::Detector;
pub use load::{Broken, Fault, Rules, Source};
pub use memory::NotUsable;
pub use pack::PACK;
pub use rule::{Kind, Origin, Rule};
