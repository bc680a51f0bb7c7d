//! The part of the state that tells where administrators stand, one of them or all: themselves, their sessions, the last
//! reset, roles and settings. It is folded without the rest, for one of them from few records, by the same code as the
//! whole.

use std::collections::BTreeSet;

use mfa_ledger_schemas::{AdministratorId, Instant, Position, Record};

use crate::snapshot::whole;
use crate::{Directory, Resets, SnapshotError, State};

/// Actions, besides those of and upon an administrator, that tell where they stand.
pub const CONCERN_ALL: [&str; 2] = ["role.defined", "settings.changed"];

/// Position, time, roles and settings.
type Shared = (Position, Instant, Directory);

/// An administrator with their sessions, and the last reset.
type Person = (Directory, Resets);

impl State {
    /// What tells where one administrator stands, and nothing else. Decisions are made on the whole.
    #[must_use]
    pub fn alone(&self, id: AdministratorId) -> Self {
        Self::joined(self.shared(), [self.person(id)])
    }

    /// What tells where each administrator stands, and nothing else: [`State::alone`] of all of them.
    #[must_use]
    pub fn everyone(&self) -> Self {
        Self::joined(self.shared(), self.people().into_iter().map(|id| self.person(id)))
    }

    /// Whoever [`State::alone`] tells more of than what it tells of anybody.
    pub fn people(&self) -> BTreeSet<AdministratorId> {
        let known = self.directory.administrators().map(|it| it.id);
        known.chain(self.resets.all_open_of()).collect()
    }

    /// The part of [`State::alone`] that is the same whoever it is of, as bytes.
    pub fn shared_to_bytes(&self) -> Result<Vec<u8>, SnapshotError> {
        Ok(postcard::to_stdvec(&self.shared())?)
    }

    /// The part of [`State::alone`] that is of one administrator, as bytes.
    pub fn person_to_bytes(&self, id: AdministratorId) -> Result<Vec<u8>, SnapshotError> {
        Ok(postcard::to_stdvec(&self.person(id))?)
    }

    /// [`State::alone`] from its two parts, which were made of one state; the second is none for whoever is not among
    /// its [`State::people`].
    pub fn alone_from_bytes(shared: &[u8], person: Option<&[u8]>) -> Result<Self, SnapshotError> {
        Ok(Self::joined(whole(shared)?, person.map(whole::<Person>).transpose()?))
    }

    /// [`State::everyone`] from the same parts, those of all people. Two threads read them: that takes most of the time.
    pub fn everyone_from_bytes(shared: &[u8], people: &[&[u8]]) -> Result<Self, SnapshotError> {
        let read = |parts: &[&[u8]]| parts.iter().map(|part| whole(part)).collect::<Result<Vec<Person>, _>>();
        let (first, second) = people.split_at(people.len() / 2);
        let (first, second) = std::thread::scope(|scope| {
            let second = scope.spawn(|| read(second));
            (read(first), second.join().expect("reading does not panic"))
        });
        Ok(Self::joined(whole(shared)?, first?.into_iter().chain(second?)))
    }

    fn shared(&self) -> Shared {
        (self.position, self.at, self.directory.shared())
    }

    fn person(&self, id: AdministratorId) -> Person {
        let last_reset = self.directory.administrator(id).and_then(|it| it.last_reset);
        (self.directory.person(id), self.resets.alone(id, last_reset))
    }

    fn joined((position, at, directory): Shared, people: impl IntoIterator<Item = Person>) -> Self {
        let mut state = Self { position, at, directory, ..Self::default() };
        for (person, resets) in people {
            state.directory.add(person);
            state.resets.add(resets);
        }
        state
    }

    /// Takes a later record that concerns the administrators of [`State::alone`] or [`State::everyone`], and is not
    /// void. Every such record must be given, and in order: for one of them, those by them or upon them, and those with
    /// an action of [`CONCERN_ALL`].
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
