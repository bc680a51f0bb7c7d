//! The tests of the whole, one binary.

mod support;
mod vault;
