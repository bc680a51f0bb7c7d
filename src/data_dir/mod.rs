//! The data directory of a ledger: opening it, beginning one, verifying it when it is opened, in the background and on
//! demand, and recovering from a loss. Nothing here listens or answers callers.

mod advice;
pub(crate) mod anchors;
mod begin;
mod error;
mod history;
mod keys;
mod log;
mod look;
mod means;
mod meta;
mod open;
mod presence;
mod recover;
mod vault;
mod verify;

pub use anchors::{
    Forgot, Heard, Said, ask_anchors, forget_anchors, heard, names_anchor, remembered_anchors,
};
pub use begin::{FirstAdministrator, Initialised, init, init_with};
pub use error::StartError;
pub use history::{Past, history, ledger};
pub use keys::{keyring, master_key_at_hand, rotate_signing_key, rotate_signing_key_with};
pub use look::{Entries, Look, Lost, Seen, look};
pub use means::Means;
pub use open::{Opened, open, open_with};
pub use presence::listening;
pub(crate) use presence::{Presence, url};
pub use recover::{keys_set_aside, open_accepting_loss, open_accepting_loss_with};
pub(crate) use verify::{Background, OnDemand};
