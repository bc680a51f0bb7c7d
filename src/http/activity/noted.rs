//! No look into the activity log without a record of it.

use mfa_ledger_api::text::beginning;
use mfa_ledger_ledger::service::{Call, Intent};
use mfa_ledger_schemas::limits::QUERY_CHARS;

use crate::App;
use crate::problem::Problem;

/// The query as the record keeps it.
pub(crate) fn query_text(query: Option<&str>) -> String {
    beginning(query.unwrap_or_default(), QUERY_CHARS).to_owned()
}

/// Puts a reading or an export on record, unless this minute's already is; whether it is allowed is
/// decided there. A reading that cannot be recorded does not happen.
pub(crate) async fn noted(app: &App, call: Call, intent: Intent) -> Result<(), Problem> {
    let done = app.service.note_reading(call, intent).await;
    let done = match done {
        Ok(None) => return Ok(()),
        Ok(Some(done)) => Ok(done),
        Err(failure) => Err(failure),
    };
    app.metrics.count_command(&done);
    let done = done?;
    done.refused().map_or(Ok(()), |refused| Err(Problem::refused(refused, app.service.now())))
}
