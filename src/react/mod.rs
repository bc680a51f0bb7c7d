//! Followers that act: they read the log through the service, and what they decide goes through it as well.

pub mod deliver;
pub mod detect;
pub mod notify;
mod raise;
pub mod stream;
pub mod undestroyed;
pub mod vault_check;
pub mod watchdog;
