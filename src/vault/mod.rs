//! The vault: sealed secrets that can be destroyed.
