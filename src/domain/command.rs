//! The commands, each from its own file, and what their input consists of.

pub use crate::account::*;
pub use crate::activity::{ExportActivity, ReadActivity};
pub use crate::alert::*;
pub use crate::evidence::TypedFactor;
pub use crate::integrity::*;
pub use crate::mfa::*;
pub use crate::notification::RecordNotification;
pub use crate::reset::*;
pub use crate::role::*;
pub use crate::second_factor::Verified;
pub use crate::service_account::*;
pub use crate::session::*;
pub use crate::settings::ChangeSettings;
pub use crate::verify_for_host::VerifyForHost;
pub use crate::webhook::*;
