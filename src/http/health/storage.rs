//! The numbers of what is written: log, vault, reading copy.

use std::fmt::Write;

use mfa_ledger_base::vitals::{Condition, Since};

use crate::App;

/// Whether they can be written, for how long not, and how long a write has been under way.
pub(super) fn storage(page: &mut String, app: &App) -> std::fmt::Result {
    let mut gauge = |name: &str, help: &str, value: u64| {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n")
    };
    let log = app.service.log_health();
    let vault = app.service.vault_condition();
    let ready = app.service.admit().is_ok() && app.service.projection_stopped().is_none();
    gauge("mfa_ledger_ready", "1 while commands are taken", ready.into())?;
    gauge("mfa_ledger_vault_writable", "1 while the vault can be written", is_writable(&vault).into())?;
    let (log_unwritable, log_write) = seconds(&log.writing);
    let (vault_unwritable, vault_write) = seconds(&vault);
    gauge(
        "mfa_ledger_log_unwritable_seconds",
        "Time since a write to the log failed, 0 while it can be written",
        log_unwritable,
    )?;
    gauge(
        "mfa_ledger_vault_unwritable_seconds",
        "Time since a write to the vault failed, 0 while it can be written",
        vault_unwritable,
    )?;
    gauge("mfa_ledger_log_write_seconds", "Age of the write to the log that is under way, or 0", log_write)?;
    gauge(
        "mfa_ledger_vault_write_seconds",
        "Age of the write to the vault that is under way, or 0",
        vault_write,
    )?;
    let Some(copy) = log.copy else { return Ok(()) };
    gauge("mfa_ledger_reading_copy_behind_records", "Records that the reading copy lacks", copy.behind)?;
    let damaged = copy.damaged.is_some().into();
    gauge("mfa_ledger_reading_copy_damaged", "1 while the journal is read in the place of the copy", damaged)
}

/// Whether a write would be begun now.
pub(super) fn is_writable(condition: &Condition) -> bool {
    condition.broken.is_none() && condition.hanging().is_none()
}

/// Whole seconds for which nothing could be written, and those of the write under way.
fn seconds(condition: &Condition) -> (u64, u64) {
    let passed = |since: Since| since.elapsed().as_secs();
    let broken = condition.broken.as_ref().map_or(0, |broken| passed(broken.since).max(1));
    (broken, condition.underway.map_or(0, |underway| passed(underway.since)))
}
