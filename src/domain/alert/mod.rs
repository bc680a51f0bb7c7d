//! Alerts: detection raises them, people look into them and settle them, silences keep them from being passed on.

mod acknowledge;
mod end_silence;
mod raise;
mod resolve;
mod silence;

use mfa_ledger_projections::Alert;
use mfa_ledger_schemas::{AlertId, RefusalCode, StreamName};

use crate::{Case, No};

pub use acknowledge::AcknowledgeAlert;
pub use end_silence::EndSilence;
pub use raise::RaiseAlert;
pub use resolve::ResolveAlert;
pub use silence::SilenceRule;

fn known<'a>(case: &Case<'a>, id: AlertId) -> Result<&'a Alert, No> {
    case.note(StreamName::Alert(id));
    case.state().alerts.get(id).ok_or(RefusalCode::AlertNotFound.into())
}

/// The stream of an alert that exists.
fn stream(case: &Case<'_>, id: AlertId) -> Option<StreamName> {
    case.state().alerts.get(id).map(|_| StreamName::Alert(id))
}
