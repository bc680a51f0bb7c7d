//! The part of the state that tells where one administrator stands: themselves, their sessions, the last reset, roles and
//! settings. It is folded from few records, by the same code as the whole.

use mfa_ledger_schemas::{AdministratorId, Instant, Position, Record};

use crate::State;

/// Actions, besides those of and upon an administrator, that tell where they stand.
pub const CONCERN_ALL: [&str; 2] = ["role.defined", "settings.changed"];

impl State {
    /// What tells where one administrator stands, and nothing else. Decisions are made on the whole.
    #[must_use]
    pub fn alone(&self, id: AdministratorId) -> Self {
        let last_reset = self.directory.administrator(id).and_then(|it| it.last_reset);
        Self {
            position: self.position,
            at: self.at,
            directory: self.directory.alone(id),
            resets: self.resets.alone(id, last_reset),
            ..Self::default()
        }
    }

    /// Takes a later record that concerns the administrator of [`State::alone`], and is not void. Every such record
    /// must be given, and in order: those by them or upon them, and those with an action of [`CONCERN_ALL`].
    pub fn apply_alone(&mut self, position: Position, record: &Record) {
        self.resets.apply(position, record);
        self.directory.apply(position, record);
        (self.position, self.at) = (position, self.at.max(record.at));
    }

    /// Passes over records that concern others, up to a position: the newest of them is of `at`, the newest that is
    /// not void of `effective_at`.
    pub fn pass_alone(&mut self, position: Position, at: Instant, effective_at: Instant) {
        self.directory.drop_expired_sessions(effective_at);
        (self.position, self.at) = (position, self.at.max(at));
    }
}
