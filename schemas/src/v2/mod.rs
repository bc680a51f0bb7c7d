//! The bodies of events that have a second version. Frozen, as those of the first are.

#![expect(
    missing_docs,
    reason = "a field named in the field's standard terms needs no sentence that repeats it"
)]

mod reset;
mod session;
mod settings;

pub use reset::*;
pub use session::*;
pub use settings::*;

/// The version of these bodies.
pub(crate) const VERSION: u16 = 2;
