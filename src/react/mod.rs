//! Followers that act: they read the state as the log makes it, and act through the service like everybody else.

pub mod detect;
pub mod notify;
pub mod watchdog;
