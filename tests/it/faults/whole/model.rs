//! What must be true of a ledger, from what its callers were told and the records that lie there: a few lines
//! that know nothing of how the house does it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use mfa_ledger::chance::Chance;
use mfa_ledger::config::Config;
use mfa_ledger::data_dir::master_key_at_hand;
use mfa_ledger::disk::Disk;
use mfa_ledger::service::Failure;
use mfa_ledger::vault::Vault;
use mfa_ledger_projections::State;
use mfa_ledger_schemas::{AdministratorId, Event, Position, Record};

use super::people::Attempt;

/// What callers were told.
#[derive(Debug, Default)]
pub struct Model {
    /// Requests that were answered for, by position.
    pub acknowledged: BTreeMap<u64, String>,
    /// Requests whose outcome nobody knows.
    unknown: BTreeSet<String>,
    /// Requests that were answered with: nothing was recorded.
    unrecorded: BTreeSet<String>,
    /// How often what was answered or went wrong.
    pub tally: BTreeMap<String, u64>,
}

impl Model {
    pub fn note(&mut self, attempt: &Attempt) {
        let name = match &attempt.outcome {
            Ok(told) => told.receipt.action.to_owned(),
            Err(failure) => failure.to_string(),
        };
        *self.tally.entry(name).or_default() += 1;
        match &attempt.outcome {
            Ok(done) => {
                let twice = self.acknowledged.insert(done.receipt.position.0, attempt.request.clone());
                assert_eq!(twice, None, "one position, one record");
            }
            Err(Failure::Unknown(_)) => drop(self.unknown.insert(attempt.request.clone())),
            Err(_) => drop(self.unrecorded.insert(attempt.request.clone())),
        }
    }

    /// The log holds what was answered for, where it was said to be; nothing else but what nobody knows of; time
    /// does not go back in it.
    pub fn judge_log(&self, records: &[Record]) {
        let mut seen = BTreeSet::new();
        for (position, record) in (1_u64..).zip(records) {
            // The beginning of the ledger comes before the first attempt.
            if record.request == "init" {
                continue;
            }
            assert!(seen.insert(&record.request), "{} is on record twice", record.request);
            match self.acknowledged.get(&position) {
                Some(request) => assert_eq!(*request, record.request, "position {position}"),
                None => assert!(self.unknown.contains(&record.request), "nobody knows of {record:?}"),
            }
            assert!(!self.unrecorded.contains(&record.request), "{} was not recorded", record.request);
        }
        let last = self.acknowledged.last_key_value();
        assert!(last.is_none_or(|(position, _)| *position <= records.len() as u64), "{last:?} is lost");
        assert!(records.iter().map(|it| it.at).is_sorted(), "time goes back");
    }
}

/// The state that the first `size` records come to.
pub fn fold(records: &[Record], size: u64) -> State {
    let mut state = State::default();
    for (position, record) in (1..=size).zip(records) {
        state.apply(Position(position), record).unwrap();
    }
    assert_eq!(state.position().0, size);
    state
}

/// Who has MFA, told by the names of events alone.
fn enrolled(records: &[Record]) -> BTreeSet<AdministratorId> {
    let mut enrolled = BTreeSet::new();
    for record in records {
        match &record.event {
            Event::MfaEnabled(event) => drop(enrolled.insert(event.administrator)),
            Event::MfaDisabled(event) => drop(enrolled.remove(&event.administrator)),
            Event::MfaReset(event) => drop(enrolled.remove(&event.administrator)),
            _ => {}
        }
    }
    enrolled
}

/// The vault holds what the state names, all of it and nothing else; what a record ended is gone.
pub fn judge_vault(config: &Config, records: &[Record], state: &State) {
    let key = master_key_at_hand(config).unwrap();
    let dir: &Path = &config.data_dir.join("vault");
    let vault = Vault::open(dir, &key, Disk::real(), Arc::new(Chance::System)).unwrap();
    let there: BTreeSet<_> = vault.ids().into_iter().collect();
    for ended in records.iter().flat_map(|record| record.event.ended_entries()) {
        assert!(!there.contains(&ended), "a secret that was ended is there");
    }
    // Counted without the fold: nothing that a record names and no record ends is ever destroyed, and nothing else stays.
    let mut named = BTreeSet::new();
    for record in records {
        named.extend(record.event.named_entries());
        for ended in record.event.ended_entries() {
            named.remove(&ended);
        }
    }
    let enrolled_now = state.directory.administrators().filter(|it| it.mfa.enrolled.is_some());
    let have_mfa: BTreeSet<_> = enrolled_now.map(|it| it.id).collect();
    assert_eq!(there, named, "the vault holds what the records name");
    assert_eq!(have_mfa, enrolled(records), "whoever has MFA has it by the records");
}
