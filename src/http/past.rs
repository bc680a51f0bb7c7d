//! What endpoints that look into the past have in common.

use mfa_ledger_schemas::Permission;

use super::App;
use super::problem::Problem;
use crate::service::{Moment, Past, PastError, Right};

/// Who compares moments, and asks who could have reset whom. Rights are those of now: whoever may see what is may
/// see what was.
pub(super) const SEES_PAST: Right = Right::AnyOf(&[Permission::ManageMfa, Permission::ViewActivity]);

/// This moment, for where none is named.
pub(super) fn now(app: &App) -> Moment {
    Moment::At(app.service.now())
}

/// What was true at a moment, or is now.
pub(super) async fn as_of(app: &App, moment: Option<Moment>) -> Result<Past, Problem> {
    Ok(app.service.as_of(moment.unwrap_or_else(|| now(app))).await?)
}

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
