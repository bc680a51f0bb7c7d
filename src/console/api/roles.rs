//! `/v1/roles`.

use mfa_ledger_schemas::Permission;
use serde::Serialize;

/// All of a role but its id, as it is to be.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Definition<'a> {
    pub name: &'a str,
    pub permissions: &'a [Permission],
    pub mfa_required: bool,
}
