//! Records that the log goes on from an earlier moment.

use mfa_ledger_schemas::bodies::LogRestored;
use mfa_ledger_schemas::{CommandName, Instant, StreamName};

use crate::{Asks, Case, No, UseCase, policy};

#[derive(Clone, Debug)]
pub struct RecordRestore {
    /// How many records there are.
    pub kept: u64,
    /// When the backup was made, where one was restored.
    pub backup_at: Option<Instant>,
}

impl UseCase for RecordRestore {
    type Ending = LogRestored;

    fn name(&self) -> CommandName {
        CommandName::RecordRestore
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::NOTHING
    }

    fn stream(&self, case: &Case<'_>) -> Option<StreamName> {
        super::stream(case)
    }

    fn decide(&self, case: &Case<'_>) -> Result<LogRestored, No> {
        super::require_operator(case)?;
        let state = case.state();
        let directory = &state.directory;
        let accounts = directory.service_accounts();
        let live_accounts = accounts.filter(|it| policy::live_account(directory, it.id, case.now).is_some());
        let live_requests = directory.reset_requests().filter(|request| request.is_live(case.now));
        let have_codes = directory.administrators().filter_map(|it| it.mfa.enrolled.as_ref());
        Ok(LogRestored {
            kept: self.kept,
            backup_at: self.backup_at,
            sessions_ended: directory.administrators().map(|it| case.count_sessions(it, None)).sum(),
            service_accounts_suspended: count(live_accounts),
            webhooks_suspended: count(state.webhooks.iter().filter(|webhook| webhook.active)),
            reset_requests_closed: count(live_requests),
            backup_codes_voided: count(have_codes.filter(|enrolled| !enrolled.unused.is_empty())),
        })
    }
}

fn count(all: impl Iterator) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}
