//! Reading the activity log is an activity.

use mfa_ledger_schemas::v1::{ActivityExported, ActivityRead};
use mfa_ledger_schemas::{Event, Instant, Permission, Scope};

use super::case::{Case, No};
use super::command::{ExportActivity, LookBack, ReadActivity};

pub(super) fn read(case: &Case<'_>, command: &ReadActivity) -> Result<Event, No> {
    case.require_or_scope(Permission::ViewActivity, Scope::ViewActivity)?;
    Ok(ActivityRead { minute: minute(case.now), query: command.query.clone() }.into())
}

/// The past is folded from the log: to look at it is to read it.
pub(super) fn look_back(case: &Case<'_>, command: &LookBack) -> Result<Event, No> {
    case.require_right(command.right)?;
    Ok(ActivityRead { minute: minute(case.now), query: command.query.clone() }.into())
}

pub(super) fn export(case: &Case<'_>, command: &ExportActivity) -> Result<Event, No> {
    case.require_or_scope(Permission::ExportActivity, Scope::ExportActivity)?;
    let minute = minute(case.now);
    Ok(ActivityExported { minute, format: command.format.clone(), query: command.query.clone() }.into())
}

/// The beginning of a moment's minute.
pub fn minute(now: Instant) -> Instant {
    Instant::from_unix_seconds(now.unix_seconds().div_euclid(60) * 60)
}
