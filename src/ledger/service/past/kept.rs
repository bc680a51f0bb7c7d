//! The moments that stay folded.

use std::collections::VecDeque;
use std::sync::Arc;

use mfa_ledger_projections::State;
use mfa_ledger_schemas::Position;

/// Moments that stay folded; the one not asked for the longest goes first.
pub const MOMENTS: usize = 4;

/// The moments, the last one asked for at the end.
#[derive(Default)]
pub(super) struct Kept(VecDeque<(Position, Arc<State>)>);

impl Kept {
    /// The nearest at or before a position.
    pub fn nearest(&mut self, position: Position) -> Option<Arc<State>> {
        let before = self.0.iter().enumerate().filter(|(_, (at, _))| *at <= position);
        let (index, _) = before.max_by_key(|(_, (at, _))| *at)?;
        let (at, state) = self.0.remove(index)?;
        self.0.push_back((at, Arc::clone(&state)));
        Some(state)
    }

    /// Keeps one more. What goes is given back: a large state takes a while to be let go of.
    pub fn keep(&mut self, position: Position, state: &Arc<State>) -> Option<Arc<State>> {
        self.0.retain(|(at, _)| *at != position);
        self.0.push_back((position, Arc::clone(state)));
        let (_, gone) = if self.0.len() > MOMENTS { self.0.pop_front()? } else { return None };
        Some(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(kept: &Kept) -> Vec<u64> {
        kept.0.iter().map(|(at, _)| at.0).collect()
    }

    #[test]
    fn so_many_moments_stay_and_the_one_not_asked_for_goes() {
        let mut kept = Kept::default();
        assert!(kept.nearest(Position(7)).is_none());
        for position in 1..=MOMENTS as u64 {
            kept.keep(Position(position * 10), &Arc::default());
        }
        assert_eq!(positions(&kept), [10, 20, 30, 40]);
        assert!(kept.nearest(Position(9)).is_none(), "a fold does not go back");
        assert!(kept.nearest(Position(19)).is_some(), "the nearest before it");
        assert_eq!(positions(&kept), [20, 30, 40, 10]);
        assert!(kept.keep(Position(50), &Arc::default()).is_some());
        assert_eq!(positions(&kept), [30, 40, 10, 50]);
        assert!(kept.keep(Position(40), &Arc::default()).is_none());
        assert_eq!(positions(&kept), [30, 10, 50, 40], "no moment twice");
    }
}
