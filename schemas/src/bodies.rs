//! The bodies of events, each in its newest version: what is written, decided and folded. What an older version said is
//! said in these once it is decoded.

// A name that is given here itself comes before the same one of the first version.
pub use crate::v1::*;
pub use crate::v2::{MfaReset, SecondFactorFailed, SettingsBody, SettingsChanged, SuspiciousRequestReported};
