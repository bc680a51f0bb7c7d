//! What the folds make of a log.

mod activity;
mod blocks;
mod fold;
mod keys;
mod ledger;
mod names;
mod notices;
mod resets;
mod sessions;
