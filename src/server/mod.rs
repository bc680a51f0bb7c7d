//! Serves the API from an open data directory: listens, follows the log, reopens the files after a failed write, stops.

mod anchoring;
mod epoch;
mod error;
mod followers;
mod notices;
mod publishing;
mod reopen;
mod rules;
mod serve;
mod signals;
mod watchdog;
mod webhooks;

pub use error::ServeError;
pub use publishing::nats_access;
pub use rules::rules;
pub use serve::{require_address, serve};
