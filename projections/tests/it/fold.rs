//! The law of the fold: order, gaps, void records, and any split of a log.

use mfa_ledger_projections::{Fate, FoldError, State};
use mfa_ledger_schemas::bodies::SessionsRevoked;
use mfa_ledger_schemas::{Instant, Position, Read, RefusalCode, SessionStage, StreamName};
use proptest::prelude::*;

use crate::ledger::{Ledger, adm};

#[test]
fn a_gap_a_repetition_or_a_step_back_is_an_error_and_changes_nothing() {
    let mut ledger = Ledger::new();
    for who in 1..=3 {
        ledger.register(who);
    }
    let record = ledger.record(1, 1, SessionsRevoked { administrator: adm(1), sessions_ended: 0 });
    let before = ledger.state.clone();
    for given in [0, 1, 3, 5, u64::MAX] {
        let error = FoldError { expected_after: Position(3), given: Position(given) };
        assert_eq!(ledger.state.apply(Position(given), &record), Err(error));
    }
    assert!(ledger.state == before);
    assert_eq!(ledger.state.apply(Position(4), &record), Ok(Fate::Effective));
    let error = FoldError { expected_after: Position(0), given: Position(2) };
    assert_eq!(State::default().apply(Position(2), &record), Err(error));
    assert_eq!(error.to_string(), "the fold stands at 0 and was given 2");
}

#[test]
fn a_record_is_void_when_any_one_of_its_reads_has_moved() {
    let mut ledger = Ledger::new();
    ledger.register(1);
    ledger.register(2);
    let tips = [1, 2].map(|who| {
        let stream = StreamName::Administrator(adm(who));
        Read { position: ledger.state.tip(&stream), stream }
    });
    let settings = Read { stream: StreamName::Settings, position: Position(0) };
    let mut record = ledger.record(1, 2, SessionsRevoked { administrator: adm(2), sessions_ended: 0 });
    record.reads = [tips.to_vec(), vec![settings]].concat();
    for moved in 0..record.reads.len() {
        let mut state = ledger.state.clone();
        let mut late = record.clone();
        late.reads[moved].position = Position(late.reads[moved].position.0 + 1);
        assert_eq!(state.apply(Position(3), &late), Ok(Fate::Void), "{moved}");
        assert!(state.directory == ledger.state.directory && state.resets == ledger.state.resets);
        assert_eq!(state.tip(&record.stream), ledger.state.tip(&record.stream));
        let entry = state.activity.at(Position(3)).expect("shown");
        assert!(entry.void);
        assert_eq!((state.position(), state.at()), (Position(3), record.at));
    }
    assert_eq!(ledger.state.apply(Position(3), &record), Ok(Fate::Effective));
}

fn lively(choices: &[(u8, u8, u8)]) -> Ledger {
    let mut ledger = Ledger::new();
    for who in 1..=5 {
        ledger.register(who);
    }
    for (kind, a, b) in choices {
        let (a, b) = (a % 5 + 1, b % 5 + 1);
        match kind % 8 {
            0 => ledger.log_in(a, a, SessionStage::Done, i64::from(b)),
            1 => ledger.enable(a),
            2 => ledger.reset(a, b, "T"),
            3 => ledger.refuse(a, b, RefusalCode::SelfReset, "T"),
            4 => ledger.stranger(&format!("hash-{a}"), u32::from(b)),
            5 => ledger.keyed(a, &format!("key-{b}"), b),
            6 => {
                ledger.now = ledger.now.plus_hours(i64::from(b) * 3);
                ledger.log_in(a, a + 10, SessionStage::Verify, 1)
            }
            _ => ledger.add(a, b, SessionsRevoked { administrator: adm(b), sessions_ended: 0 }),
        };
    }
    ledger
}

proptest! {
    /// A snapshot taken anywhere, and the tail folded onto it, is the whole.
    #[test]
    fn any_split_of_a_log_folds_the_same(
        choices in prop::collection::vec(any::<(u8, u8, u8)>(), 0..120),
        at in any::<prop::sample::Index>(),
    ) {
        let ledger = lively(&choices);
        let split = at.index(ledger.records.len() + 1);
        let mut state = State::default();
        let mut snapshot = state.clone();
        for (position, record) in (1..).map(Position).zip(&ledger.records) {
            if position.0 == split as u64 + 1 {
                snapshot = state.clone();
            }
            state.apply(position, record).expect("in order");
        }
        prop_assert!(state == ledger.state);
        if split < ledger.records.len() {
            for (position, record) in (split as u64 + 1..).map(Position).zip(&ledger.records[split..]) {
                snapshot.apply(position, record).expect("in order");
            }
            prop_assert!(snapshot == state);
        }
    }

    /// Whoever is read alone, from bytes of any moment, is where the whole puts them, and the others are nowhere.
    #[test]
    fn the_parts_of_one_administrator_are_what_the_whole_says(
        choices in prop::collection::vec(any::<(u8, u8, u8)>(), 0..120),
    ) {
        let state = lively(&choices).state;
        let shared = state.shared_to_bytes().expect("they are plain");
        prop_assert_eq!(state.people().len(), 5);
        for id in (0..=6).map(adm) {
            let known = state.people().contains(&id);
            let person = known.then(|| state.person_to_bytes(id).expect("they are plain"));
            let alone = State::alone_from_bytes(&shared, person.as_deref()).expect("they are whole");
            prop_assert!(alone == state.alone(id), "{id}");
            prop_assert_eq!(alone.directory.administrators().count(), usize::from(known));
            if let Some(bytes) = person {
                let longer = [bytes.as_slice(), &[0]].concat();
                prop_assert!(State::alone_from_bytes(&shared, Some(&longer)).is_err());
                let short = State::alone_from_bytes(&shared, bytes.split_last().map(|(_, rest)| rest));
                prop_assert!(short.is_err());
            }
        }
    }

    /// All parts together, of any moment, and the records behind it that are not void, are where the whole puts everyone.
    #[test]
    fn the_parts_of_everyone_fold_to_what_the_whole_says(
        choices in prop::collection::vec(any::<(u8, u8, u8)>(), 0..120),
        at in any::<prop::sample::Index>(),
    ) {
        let ledger = lively(&choices);
        let split = at.index(ledger.records.len() + 1) as u64;
        let (mut state, mut everyone) = (State::default(), State::default());
        for (position, record) in (1..).map(Position).zip(&ledger.records) {
            let fate = state.apply(position, record).expect("in order");
            if position.0 > split && fate == Fate::Effective {
                everyone.apply_alone(position, record);
            } else if position.0 == split {
                let bytes = |id| state.person_to_bytes(id).expect("they are plain");
                let people: Vec<_> = state.people().into_iter().map(bytes).collect();
                let shared = state.shared_to_bytes().expect("they are plain");
                let parts: Vec<_> = people.iter().map(Vec::as_slice).collect();
                everyone = State::everyone_from_bytes(&shared, &parts).expect("they are whole");
                prop_assert!(everyone == state.everyone());
            }
        }
        everyone.pass_alone(state.position(), state.at(), Instant::default());
        prop_assert!(everyone.everyone() == state.everyone());
    }

    /// Every position has one entry, and every filter's pages together are the filtered whole.
    #[test]
    fn pages_together_are_the_whole(
        choices in prop::collection::vec(any::<(u8, u8, u8)>(), 0..80),
        limit in 1_usize..9,
        actor in 1_u8..6,
    ) {
        use mfa_ledger_projections::{ActivityFilter, Order};
        let ledger = lively(&choices);
        let activity = &ledger.state.activity;
        prop_assert_eq!(activity.len(), ledger.records.len());
        let filter = ActivityFilter { actor: Some(crate::ledger::name(actor)), ..ActivityFilter::default() };
        let wanted: Vec<_> =
            activity.iter().map(|(position, _)| position).filter(|it| activity.matches(*it, &filter)).collect();
        for order in [Order::Ascending, Order::Descending] {
            let (mut got, mut after) = (Vec::<Position>::new(), None);
            loop {
                let page = activity.page(&filter, order, after, limit);
                prop_assert!(page.positions.len() <= limit);
                prop_assert!(!page.has_more || page.positions.len() == limit);
                got.extend(&page.positions);
                after = page.positions.last().copied();
                if !page.has_more {
                    break;
                }
            }
            if order == Order::Descending {
                got.reverse();
            }
            prop_assert_eq!(&got, &wanted);
        }
    }
}
