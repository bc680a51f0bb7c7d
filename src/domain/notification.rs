//! What became of a notice.

use mfa_ledger_schemas::Event;
use mfa_ledger_schemas::v1::NotificationRecorded;

use super::case::{Case, No};

pub(super) fn record(case: &Case<'_>, notification: &NotificationRecorded) -> Result<Event, No> {
    case.require_system()?;
    case.administrator(notification.administrator)?;
    Ok(notification.clone().into())
}
