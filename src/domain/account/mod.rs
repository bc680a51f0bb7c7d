//! Administrators and their passwords.

mod change;
mod deactivate;
mod erase;
mod former;
mod password;
mod reactivate;
mod register;
mod rehash_password;
mod reset_password;
mod set_password;

pub use change::ChangeAdministrator;
pub use deactivate::{DeactivateAdministrator, WATCHDOG};
pub use erase::ErasePersonalData;
pub use former::{FORMER_ADDRESS_DAYS, changed_personal};
pub use password::PASSWORD_CHARS;
pub use reactivate::ReactivateAdministrator;
pub use register::RegisterAdministrator;
pub(crate) use register::registered;
pub use rehash_password::RehashPassword;
pub use reset_password::ResetPassword;
pub use set_password::SetPassword;
