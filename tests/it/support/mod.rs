//! What the tests share.

pub mod grep;
