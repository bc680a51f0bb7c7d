//! The fold itself, and its law.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{Instant, Position, Read, Record, StreamName};
use serde::{Deserialize, Serialize};

use crate::{Activity, Alerts, Directory, Keys, Notices, Resets, Secrets, Session, Webhooks};

/// Everything that is true at [`State::position`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) position: Position,
    pub(crate) at: Instant,
    pub(crate) tips: BTreeMap<StreamName, Position>,
    /// Administrators, roles, settings, sessions, MFA status.
    pub directory: Directory,
    /// Who did what to whom.
    pub activity: Activity,
    /// Every reset with its story before and after.
    pub resets: Resets,
    /// Alerts, and the silences over rules.
    pub alerts: Alerts,
    /// Notices that are owed to people.
    pub notices: Notices,
    /// Endpoints that events are delivered to.
    pub webhooks: Webhooks,
    /// First answers of repeated requests.
    pub keys: Keys,
    /// What the vault must hold.
    pub secrets: Secrets,
}

/// What the fold made of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It changed what is true.
    Effective,
    /// One of the streams that its decision rested on had moved: shown as void, changing nothing.
    Void,
}

/// The log is not what a log must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fold stands at {expected_after} and was given {given}")]
pub struct FoldError {
    /// Where the fold stands.
    pub expected_after: Position,
    /// What it was given.
    pub given: Position,
}

impl State {
    /// The position up to which the log is folded.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The time of the newest record.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The last effective record of a stream; 0 where there is none.
    pub fn tip(&self, stream: &StreamName) -> Position {
        self.tips.get(stream).copied().unwrap_or_default()
    }

    /// Takes the next record.
    pub fn apply(&mut self, position: Position, record: &Record) -> Result<Fate, FoldError> {
        if position.0 != self.position.0 + 1 {
            return Err(FoldError { expected_after: self.position, given: position });
        }
        let fate = if self.holds(&record.reads) { Fate::Effective } else { Fate::Void };
        if fate == Fate::Effective {
            self.move_tip(&record.stream, position);
            self.resets.apply(position, record);
            self.alerts.apply(position, record);
            self.webhooks.apply(position, record);
            self.directory.apply(position, record);
            self.notices.apply(position, record);
            self.keys.apply(position, record);
            self.secrets.take(&record.event);
        }
        self.activity.apply(record, fate);
        self.position = position;
        self.at = self.at.max(record.at);
        Ok(fate)
    }

    /// What a decision about an administrator reads of it, with one more session, as if somebody had logged in without
    /// a record: to ask what would be decided, never to fold on.
    #[must_use]
    pub fn supposing(&self, session: Option<Session>) -> Self {
        let mut directory = self.directory.clone();
        if let Some(session) = session {
            directory.suppose(session);
        }
        Self { position: self.position, at: self.at, tips: self.tips.clone(), directory, ..Self::default() }
    }

    /// Most streams are there already, and need no copy of their name.
    fn move_tip(&mut self, stream: &StreamName, position: Position) {
        match self.tips.get_mut(stream) {
            Some(tip) => *tip = position,
            None => {
                self.tips.insert(stream.clone(), position);
            }
        }
    }

    fn holds(&self, reads: &[Read]) -> bool {
        reads.iter().all(|read| self.tip(&read.stream) == read.position)
    }
}
