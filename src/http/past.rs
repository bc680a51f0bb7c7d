//! What endpoints that look into the past have in common.

use axum::http::Uri;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_ledger::service::{Call, Caller, PAST, PastError, Right, command};

use super::activity::noted::query_text;
use super::problem::Problem;
use super::query::params;
use super::{App, activity};

params! {
    /// Now, or at a moment.
    AsOf {
        /// As it was at a moment: an RFC 3339 time, or a position in the log in digits.
        #[param(inline)]
        as_of: Moment,
    }
}

/// Puts a look into the past on record, as reading the activity log is: what was asked, `about` what. Whether it is
/// allowed is decided there.
pub(super) async fn noted(
    app: &App,
    call: Call,
    right: Right,
    about: &str,
    uri: &Uri,
) -> Result<(), Problem> {
    let asked = uri.query().map(|query| format!("&{query}")).unwrap_or_default();
    let query = query_text(Some(&format!("past={about}{asked}")));
    activity::noted::noted(app, call, command::ReadActivity { query, right }).await
}

/// A question that lacks something. Whoever may not ask at all hears of that alone.
pub(super) fn incomplete(app: &App, caller: &Caller, parameter: &str, wanted: &str) -> Problem {
    match app.service.query(caller, PAST, |_, _| ()) {
        Ok(()) => Problem::parameter(parameter, wanted),
        Err(denied) => denied.into(),
    }
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
                tracing::error!(error = error_chain(&*cause), "the past cannot be read");
                Self::new("past-unavailable").retry_in(5)
            }
        }
    }
}
