//! Reads the activity log, or looks back at what was true at a moment: the past is folded from the log.

use mfa_ledger_schemas::bodies::ActivityRead;
use mfa_ledger_schemas::{CommandName, Permission, Scope};

use super::{Reading, minute};
use crate::policy::Right;
use crate::{Asks, Case, No, UseCase};

/// What reading the activity log takes.
pub const READ: Right = Right::PermissionOrScope(Permission::ViewActivity, Scope::ViewActivity);

#[derive(Clone, Debug)]
pub struct ReadActivity {
    pub query: String,
    /// What the question takes.
    pub right: Right,
}

impl Reading for ReadActivity {
    fn right(&self) -> Right {
        self.right
    }

    fn action(&self) -> &'static str {
        "activity.read"
    }
}

impl UseCase for ReadActivity {
    type Ending = ActivityRead;

    fn name(&self) -> CommandName {
        CommandName::ReadActivity
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    /// A repeated key would keep a reading off the record.
    fn is_repeatable(&self) -> bool {
        false
    }

    fn decide(&self, case: &Case<'_>) -> Result<ActivityRead, No> {
        case.require_right(self.right)?;
        Ok(ActivityRead { minute: minute(case.now), query: self.query.clone() })
    }
}
