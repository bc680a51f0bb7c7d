//! Idempotency keys: which record answered a key first, for 24 hours.

use std::collections::{BTreeMap, VecDeque};

use mfa_ledger_schemas::{Actor, Instant, Position, Record};
use serde::{Deserialize, Serialize};

/// How long a key is remembered, in hours.
pub const KEY_HOURS: i64 = 24;

/// The first answer to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstAnswer {
    /// The record that answered.
    pub position: Position,
    /// Of the request; another request under the same key is an error.
    pub fingerprint: [u8; 32],
    /// When.
    pub at: Instant,
}

type Caller = (Option<[u8; 16]>, String);

/// The keys of the last [`KEY_HOURS`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Keys {
    answers: BTreeMap<(Caller, String), FirstAnswer>,
    by_age: VecDeque<(Instant, Caller, String)>,
}

impl Keys {
    /// The first answer to a caller's key, unless it is too old.
    pub fn first_answer(&self, actor: &Actor, key: &str, now: Instant) -> Option<FirstAnswer> {
        let answer = *self.answers.get(&(caller(actor), key.to_owned()))?;
        (answer.at.plus_hours(KEY_HOURS) > now).then_some(answer)
    }

    pub(crate) fn apply(&mut self, position: Position, record: &Record) {
        while let Some((at, ..)) = self.by_age.front() {
            if at.plus_hours(KEY_HOURS) > record.at {
                break;
            }
            let Some((at, caller, key)) = self.by_age.pop_front() else { break };
            let entry = (caller, key);
            if self.answers.get(&entry).is_some_and(|answer| answer.at == at) {
                self.answers.remove(&entry);
            }
        }
        let Some(idempotency) = &record.idempotency else { return };
        let caller = caller(&record.actor);
        let answer = FirstAnswer { position, fingerprint: idempotency.fingerprint, at: record.at };
        self.by_age.push_back((record.at, caller.clone(), idempotency.key.clone()));
        self.answers.insert((caller, idempotency.key.clone()), answer);
    }
}

fn caller(actor: &Actor) -> Caller {
    let id = actor.id();
    (id, if id.is_some() { String::new() } else { actor.name.clone() })
}
