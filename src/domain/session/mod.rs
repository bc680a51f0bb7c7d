//! Sessions: log in, prove a second factor, log out, end them.

mod log_in;
mod log_out;
mod revoke;
mod verify_second_factor;

pub use log_in::LogIn;
pub use log_out::LogOut;
pub use revoke::RevokeSessions;
pub use verify_second_factor::VerifySecondFactor;
