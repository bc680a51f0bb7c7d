//! Whether the configuration can be used, and is as it is recommended.

use super::{Context, Outcome};
use crate::config::Hashing;

/// The one check that is told without a context: when there is no configuration to make one of.
pub(super) const NAME: &str = "configuration";

pub(super) fn check(context: &Context) -> Outcome {
    let (cost, least) = (&context.config.hashing, Hashing::default());
    if cost.memory_kib * cost.passes < least.memory_kib * least.passes {
        return Outcome::warn(
            "password hashes cost less than is recommended",
            "raise hashing.memory_kib or hashing.passes; older hashes keep the cost they were made with",
        );
    }
    Outcome::ok("it can be used")
}
