//! Puts the parts together: opening a data directory, beginning one, serving the API from it.

mod accept;
mod anchors;
mod credential;
mod error;
mod held;
mod init;
mod keys;
mod look;
mod master_key;
mod meta;
mod open;
mod presence;
mod rotate;
mod serve;
mod signing_keys;
mod webhooks;

pub use accept::open_accepting_loss;
pub use anchors::Said;
pub use error::StartError;
pub use init::{FirstAdministrator, Initialised, init};
pub use keys::{keyring, master_key_at_hand};
pub use look::{Look, Seen, look};
pub use open::{Opened, open};
pub use presence::listening;
pub use rotate::rotate_signing_key;
pub use serve::serve;
