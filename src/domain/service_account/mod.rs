//! Service accounts.

mod create;
mod revoke;

pub use create::CreateServiceAccount;
pub use revoke::RevokeServiceAccount;
