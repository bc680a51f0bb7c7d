//! What endpoints that look into the past have in common.

use mfa_ledger_schemas::Permission;

use super::problem::Problem;
use crate::service::{PastError, Right};

/// Who compares moments, and asks who could have reset whom. Rights are those of now: whoever may see what is may
/// see what was.
pub(super) const SEES_PAST: Right = Right::AnyOf(&[Permission::ManageMfa, Permission::ViewActivity]);

impl From<PastError> for Problem {
    fn from(error: PastError) -> Self {
        let told = error.to_string();
        match error {
            PastError::BeforeFirst { .. } => Self::new("before-the-log").detail(told),
            PastError::NotYet { .. } => Self::new("moment-not-come").detail(told),
            PastError::Reversed => Self::new("range-reversed").detail(told),
            PastError::Busy => Self::new("busy").retry_in(1),
            PastError::Unavailable(cause) => {
                tracing::error!(error = super::problem::error_chain(&*cause), "the past cannot be read");
                Self::new("past-unavailable").retry_in(5)
            }
        }
    }
}
