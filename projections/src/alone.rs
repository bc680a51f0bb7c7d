//! The part of the state that tells where administrators stand, one of them or all: themselves, their sessions, the last
//! reset, roles and settings. It is folded without the rest, for one of them from few records, by the same code as the
//! whole.

use std::collections::BTreeSet;

use mfa_ledger_schemas::{AdministratorId, Instant, Position, Record};
use serde::{Deserialize, Serialize};

use crate::snapshot::whole;
use crate::{Administrator, Directory, Reset, Resets, Session, SnapshotError, State};

/// Actions, besides those of and upon an administrator, that tell where they stand.
pub const CONCERN_ALL: [&str; 3] = ["role.defined", "settings.changed", "log.restored"];

/// Position, time, roles and settings.
type Shared = (Position, Instant, Directory);

/// What is of one administrator alone. Nothing in it is a map: one with a single entry takes kilobytes, and a state of
/// many people is made at once of sorted ones.
#[derive(Debug, Serialize, Deserialize)]
struct Person {
    /// Themselves; not there for whoever was never registered.
    administrator: Option<Administrator>,
    sessions: Vec<Session>,
    resets: Vec<Reset>,
    /// The reset after which they have not enrolled again.
    open: Option<(AdministratorId, Position)>,
}

/// The same of many, by what it is.
#[derive(Default)]
struct People {
    administrators: Vec<Administrator>,
    sessions: Vec<Session>,
    resets: Vec<Reset>,
    open: Vec<(AdministratorId, Position)>,
}

impl People {
    /// For so many people: they are large, and moving them takes as long as reading them.
    fn with_capacity(count: usize) -> Self {
        Self {
            administrators: Vec::with_capacity(count),
            sessions: Vec::with_capacity(count),
            resets: Vec::with_capacity(count),
            open: Vec::new(),
        }
    }

    fn add(&mut self, person: Person) {
        self.administrators.extend(person.administrator);
        self.sessions.extend(person.sessions);
        self.resets.extend(person.resets);
        self.open.extend(person.open);
    }
}

impl From<Person> for People {
    fn from(person: Person) -> Self {
        let mut people = Self::default();
        people.add(person);
        people
    }
}

impl State {
    /// What tells where one administrator stands, and nothing else. Decisions are made on the whole.
    #[must_use]
    pub fn alone(&self, id: AdministratorId) -> Self {
        Self::joined(self.shared(), [self.person(id).into()])
    }

    /// What tells where each administrator stands, and nothing else: [`State::alone`] of all of them.
    #[must_use]
    pub fn everyone(&self) -> Self {
        let ids = self.people();
        let mut people = People::with_capacity(ids.len());
        for id in ids {
            people.add(self.person(id));
        }
        Self::joined(self.shared(), [people])
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
        let person = person.map(whole::<Person>).transpose()?;
        Ok(Self::joined(whole(shared)?, person.map(People::from)))
    }

    /// [`State::everyone`] from the same parts, those of all people, in the order of their ids. Two threads read them:
    /// that takes most of the time.
    pub fn everyone_from_bytes(shared: &[u8], people: &[&[u8]]) -> Result<Self, SnapshotError> {
        let read = |parts: &[&[u8]]| -> Result<People, SnapshotError> {
            let mut people = People::with_capacity(parts.len());
            for part in parts {
                people.add(whole(part)?);
            }
            Ok(people)
        };
        let (first, second) = people.split_at(people.len() / 2);
        let (first, second) = std::thread::scope(|scope| {
            let second = scope.spawn(|| read(second));
            (read(first), second.join().expect("reading does not panic"))
        });
        Ok(Self::joined(whole(shared)?, [first?, second?]))
    }

    fn shared(&self) -> Shared {
        (self.position, self.at, self.directory.shared())
    }

    fn person(&self, id: AdministratorId) -> Person {
        let administrator = self.directory.administrator(id).cloned();
        let sessions = administrator.iter().flat_map(|it| self.directory.sessions_of(it)).cloned().collect();
        let last = administrator.as_ref().and_then(|it| it.last_reset);
        let (resets, open) = self.resets.of(id, last);
        Person { administrator, sessions, resets, open: open.map(|position| (id, position)) }
    }

    fn joined((position, at, mut directory): Shared, people: impl IntoIterator<Item = People>) -> Self {
        let mut all = People::default();
        for mut people in people {
            all.administrators.append(&mut people.administrators);
            all.sessions.append(&mut people.sessions);
            all.resets.append(&mut people.resets);
            all.open.append(&mut people.open);
        }
        directory.fill(all.administrators, all.sessions);
        Self { position, at, directory, resets: Resets::joined(all.resets, all.open), ..Self::default() }
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
