//! What the tests share.

pub mod grep;
pub mod house;
