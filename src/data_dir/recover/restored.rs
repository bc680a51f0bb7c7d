//! Puts on record that a ledger goes on from an earlier moment, before anybody is served.

use mfa_ledger_schemas::Event;

use super::is_on_record;
use crate::data_dir::{Means, Opened, StartError};
use crate::integrity::RestoreMark;
use crate::service::{Caller, command};

/// Marks a log that goes on from where it is, unless an earlier mark says from where.
pub(super) fn mark(opened: &Opened, operator: &str, means: &Means) -> Result<(), StartError> {
    let dir = opened.data_dir();
    let at = || StartError::io(RestoreMark::path(dir));
    if RestoreMark::read(dir).map_err(at())?.is_some() {
        return Ok(());
    }
    let mark = RestoreMark { operator: operator.to_owned(), kept: opened.opening.head.0, backup_at: None };
    mark.store(dir, &means.disk).map_err(at())
}

/// Records what the mark says, if there is one, and takes it away. What fails closes the log.
pub(in crate::data_dir) async fn put_on_record(opened: Opened, means: &Means) -> Result<Opened, StartError> {
    match recorded(&opened, means).await {
        Ok(()) => Ok(opened),
        Err(error) => {
            // Why it could not be recorded matters more than how the log closed.
            let _unheard = opened.close().await;
            Err(error)
        }
    }
}

async fn recorded(opened: &Opened, means: &Means) -> Result<(), StartError> {
    let dir = opened.data_dir();
    let at = || StartError::io(RestoreMark::path(dir));
    let Some(RestoreMark { operator, kept, backup_at }) = RestoreMark::read(dir).map_err(at())? else {
        return Ok(());
    };
    // An earlier start may have recorded it and died before the mark was gone.
    if !is_on_record(dir, |event| matches!(event, Event::LogRestored(it) if it.kept == kept))? {
        let command = command::RecordRestore { kept, backup_at };
        let done = opened.execute(&Caller::Operator(operator), command).await?;
        tracing::warn!(
            position = %done.receipt.position,
            "the log goes on from an earlier moment: all sessions ended, service accounts and webhooks wait to be resumed, \
             backup codes are void; what else to check stands in the manual, under \"After a restore\""
        );
    }
    RestoreMark::remove(dir, &means.disk).map_err(at())
}
