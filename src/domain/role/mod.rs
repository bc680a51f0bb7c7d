//! Roles, and who has which.

mod assign;
mod define;

pub use assign::AssignRole;
pub use define::DefineRole;
