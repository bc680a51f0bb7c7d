//! The moments that stay folded.

use std::collections::VecDeque;
use std::sync::Arc;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::Position;

/// Moments that stay folded; the one not asked for the longest goes first.
pub const MOMENTS: usize = 4;

/// The moments, the last one asked for at the end.
#[derive(Default)]
pub(super) struct Kept(VecDeque<Arc<State>>);

impl Kept {
    /// The nearest at or before a position.
    pub fn nearest(&mut self, position: Position) -> Option<Arc<State>> {
        let before = self.0.iter().enumerate().filter(|(_, state)| state.position() <= position);
        let (index, _) = before.max_by_key(|(_, state)| state.position())?;
        let state = self.0.remove(index)?;
        self.0.push_back(Arc::clone(&state));
        Some(state)
    }

    /// Keeps one more.
    pub fn keep(&mut self, state: &Arc<State>) {
        self.0.retain(|kept| kept.position() != state.position());
        self.0.push_back(Arc::clone(state));
        if self.0.len() > MOMENTS {
            self.0.pop_front();
        }
    }
}
