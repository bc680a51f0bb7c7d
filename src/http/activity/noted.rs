//! No look into the activity log without a record of it.

use mfa_ledger_api::text::beginning;
use mfa_ledger_ledger::service::{Call, Reading};
use mfa_ledger_schemas::limits::QUERY_CHARS;

use crate::{App, Problem};

/// The query as the record keeps it.
pub(crate) fn query_text(query: Option<&str>) -> String {
    beginning(query.unwrap_or_default(), QUERY_CHARS).to_owned()
}

/// Puts a reading or an export on record, unless this minute's already is; whether it is allowed is
/// decided there. A reading that cannot be recorded does not happen.
pub(crate) async fn noted(app: &App, call: Call, reading: impl Reading) -> Result<(), Problem> {
    let Some(answer) = app.service.note_reading(call, reading).await.transpose() else { return Ok(()) };
    app.metrics.count_command(&answer);
    answer?.map(drop).map_err(|rejected| Problem::rejected(rejected, app.service.now()))
}
