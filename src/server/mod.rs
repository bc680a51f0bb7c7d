//! Puts the parts together: opening a data directory, beginning one, serving the API from it.

mod accept;
mod anchors;
mod credential;
mod error;
mod held;
mod history;
mod init;
mod keys;
mod later;
mod look;
mod master_key;
mod means;
mod meta;
mod notices;
mod open;
mod presence;
mod publishing;
mod rotate;
mod rules;
mod serve;
mod signing_keys;
mod webhooks;

pub use accept::{open_accepting_loss, open_accepting_loss_with};
pub use anchors::{Said, ask_anchors, remembered_by};
pub use error::StartError;
pub use history::{Past, history, ledger};
pub use init::{FirstAdministrator, Initialised, init, init_with};
pub use keys::{keyring, master_key_at_hand};
pub use look::{Look, Seen, look};
pub use means::Means;
pub use open::{Opened, open, open_with};
pub use presence::listening;
pub use publishing::nats_access;
pub use rotate::{rotate_signing_key, rotate_signing_key_with};
pub use rules::rules;
pub use serve::serve;
