//! Exports the activity log.

use mfa_ledger_schemas::bodies::ActivityExported;
use mfa_ledger_schemas::{CommandName, Permission, Scope};

use super::{Reading, minute};
use crate::policy::Right;
use crate::{Asks, Case, No, UseCase};

/// What exporting the activity log takes.
pub const EXPORT: Right = Right::PermissionOrScope(Permission::ExportActivity, Scope::ExportActivity);

#[derive(Clone, Debug)]
pub struct ExportActivity {
    pub format: String,
    pub query: String,
}

impl Reading for ExportActivity {
    fn right(&self) -> Right {
        EXPORT
    }

    fn action(&self) -> &'static str {
        "activity.exported"
    }
}

impl UseCase for ExportActivity {
    type Ending = ActivityExported;

    fn name(&self) -> CommandName {
        CommandName::ExportActivity
    }

    fn asks(&self, _: &Case<'_>) -> Asks {
        Asks::SESSION
    }

    /// A repeated key would keep an export off the record.
    fn is_repeatable(&self) -> bool {
        false
    }

    fn decide(&self, case: &Case<'_>) -> Result<ActivityExported, No> {
        case.require_right(EXPORT)?;
        let (minute, format, query) = (minute(case.now), self.format.clone(), self.query.clone());
        Ok(ActivityExported { minute, format, query })
    }
}
