//! What is true now, folded from what happened.
//!
//! [`State`] takes records in the order of the log and nothing else: no clock, no chance, no I/O, no
//! map of random order. The same log makes the same state, wherever and however often it is folded.

pub mod activity;
pub mod administrator;
pub mod alerts;
mod alone;
pub mod directory;
pub mod keys;
pub mod notices;
pub mod resets;
pub mod secrets;
pub mod snapshot;
mod state;
pub mod webhooks;

pub use activity::{Activity, ActivityFilter, ActivityPage, Order};
pub use administrator::{Administrator, Enrolled, Mfa, Password, Pending, Suspicion, Throttle, Throttles};
pub use alerts::{Alert, AlertStage, Alerts, Silence, Step};
pub use alone::CONCERN_ALL;
pub use directory::{Directory, ResetRequest, ResetRequestStage, Role, ServiceAccount, Session};
pub use keys::{FirstAnswer, Keys};
pub use notices::{Notices, Owed};
pub use resets::{FollowUp, Reset, Resets};
pub use secrets::Secrets;
pub use snapshot::{Checksum, SNAPSHOT_VERSION, SnapshotError};
pub use state::{Fate, FoldError, State};
pub use webhooks::{Webhook, Webhooks};
