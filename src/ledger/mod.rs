//! The only one that appends to the log, [`service`], and its readers, which [`follow`] it.

pub mod follow;
pub mod service;
