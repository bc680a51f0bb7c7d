//! How far others know the log.

use mfa_ledger_api::log::AnchorState;
use mfa_ledger_ledger::follow::anchor::{Anchors, TargetState};
use mfa_ledger_schemas::Position;

use crate::App;

/// Each anchor and witness, by the number of its line in the configuration, since the numbers are open to everybody.
pub(crate) fn anchors(app: &App, head: Position) -> Vec<AnchorState> {
    let states = app.options.anchors.as_deref().map(Anchors::states).unwrap_or_default();
    let state = |it: TargetState| AnchorState {
        position: Position(it.anchored.unwrap_or(0)),
        lag: it.lag(head.0),
        failures: it.failures,
        disputed: it.disputed,
        name: it.label,
    };
    states.into_iter().map(state).collect()
}
