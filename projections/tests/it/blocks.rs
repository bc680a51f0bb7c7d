//! More entries than a block holds: what is found is what looking at each entry finds, before and after a
//! snapshot.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use mfa_ledger_projections::activity::{ActivityEntry, BLOCK, SMALL_BLOCK};
use mfa_ledger_projections::{ActivityFilter, Order, State};
use mfa_ledger_schemas::bodies;
use mfa_ledger_schemas::{Instant, Outcome, Position, RefusalCode, ResetReason, SessionStage};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::ledger::{Ledger, adm};

/// Two full blocks, two small ones, and a little more; most entries are alike, some are rare, some names end early.
static LONG: LazyLock<State> = LazyLock::new(|| {
    let mut ledger = Ledger::new();
    for who in 1..=9 {
        ledger.register(who);
    }
    ledger.log_in(1, 1, SessionStage::Done, 12);
    ledger.enable(2);
    ledger.reset(1, 2, "HD-1");
    ledger.keyed(1, "key", 1);
    let count = (2 * BLOCK + 2 * SMALL_BLOCK + 500) as u64;
    for number in ledger.state.position().0..count {
        let (actor, target) = (1 + (number % 7 % 5) as u8, 1 + (number % 11 % 9) as u8);
        match number % 1_000 {
            0 => ledger.refuse(actor, target, RefusalCode::ReasonRequired, &format!("HD-{number}")),
            1 => ledger.stranger("hash", actor.into()),
            2..40 => ledger.refuse(actor, target, RefusalCode::PermissionDenied, "HD-common"),
            _ => {
                let administrator = adm(target);
                ledger.add(actor, target, bodies::SessionsRevoked { administrator, sessions_ended: 0 })
            }
        };
    }
    ledger.state
});

fn plainly(entry: &ActivityEntry, filter: &ActivityFilter) -> bool {
    let is = |wanted: &Option<String>, text: Option<&str>| {
        wanted.as_ref().is_none_or(|wanted| text.is_some_and(|text| text.eq_ignore_ascii_case(wanted)))
    };
    let texts = [
        Some(&*entry.action),
        entry.code.as_deref(),
        Some(&*entry.actor_name),
        entry.target_name.as_deref(),
        entry.address.as_deref(),
        entry.ticket.as_deref(),
        entry.reason.map(ResetReason::name),
    ];
    let says = |word: &String| {
        texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&word.to_lowercase()))
    };
    (filter.actions.is_empty() || filter.actions.iter().any(|action| **action == *entry.action))
        && is(&filter.actor, Some(&entry.actor_name))
        && is(&filter.target, entry.target_name.as_deref())
        && filter.outcome.is_none_or(|outcome| outcome == entry.outcome)
        && filter.address.as_deref().is_none_or(|address| entry.address.as_deref() == Some(address))
        && filter.ticket.as_deref().is_none_or(|ticket| entry.ticket.as_deref() == Some(ticket))
        && filter.words.iter().all(says)
        && filter.since.is_none_or(|since| entry.at >= since)
        && filter.until.is_none_or(|until| entry.at < until)
}

fn option<T: Clone + std::fmt::Debug + 'static>(of: Vec<T>) -> impl Strategy<Value = Option<T>> {
    prop_oneof![3 => Just(None), 1 => prop::sample::select(of).prop_map(Some)]
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

fn filters() -> impl Strategy<Value = ActivityFilter> {
    let first = LONG.activity.at(Position(1)).expect("an entry").at;
    let moments: Vec<Instant> = [0, 1, 5_000, 32_767, 32_768, 40_000, 65_536, 66_000]
        .map(|seconds| first.plus_seconds(seconds))
        .into();
    let actions = texts(&["sessions.revoked", "mfa.reset_refused", "session.log_in_failed", "mfa.reset"]);
    let words = texts(&[
        "hd-",
        "HD-4000",
        "hd-common",
        "revoked",
        "person-3",
        "person",
        "denied",
        "192.0.2.4",
        "absent",
    ]);
    (
        prop::collection::vec(prop::sample::select(actions), 0..3),
        (option(texts(&["person-1", "PERSON-2", "nobody"])), option(texts(&["person-9", "person-4"]))),
        option(vec![Outcome::Success, Outcome::Refused, Outcome::Failed]),
        (option(texts(&["192.0.2.3", "192.0.2.9"])), option(texts(&["HD-40000", "HD-common", "HD-1"]))),
        prop::collection::vec(prop::sample::select(words), 0..3),
        (option(moments.clone()), option(moments)),
    )
        .prop_map(|(actions, (actor, target), outcome, (address, ticket), words, (since, until))| {
            ActivityFilter { actions, actor, target, outcome, address, ticket, words, since, until }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pages_hold_what_a_look_at_each_entry_finds(
        filter in filters(),
        after in prop_oneof![Just(None), (0_u64..70_000).prop_map(|at| Some(Position(at)))],
        limit in prop::sample::select(vec![1_usize, 50, 1_000]),
    ) {
        let activity = &LONG.activity;
        let fitting: Vec<_> =
            activity.iter().filter(|(_, entry)| plainly(entry, &filter)).map(|(position, _)| position).collect();
        let rising = || fitting.iter().copied().filter(|at| after.is_none_or(|after| *at > after));
        let falling = || fitting.iter().rev().copied().filter(|at| after.is_none_or(|after| *at < after));
        let page = activity.page(&filter, Order::Ascending, after, limit);
        prop_assert_eq!(&page.positions, &rising().take(limit).collect::<Vec<_>>());
        prop_assert_eq!(page.has_more, rising().count() > limit);
        let page = activity.page(&filter, Order::Descending, after, limit);
        prop_assert_eq!(&page.positions, &falling().take(limit).collect::<Vec<_>>());
        prop_assert_eq!(page.has_more, falling().count() > limit);
        let mut visited = Vec::new();
        activity.visit(&filter, |position, _| visited.push(position));
        prop_assert_eq!(visited, fitting);
    }
}

#[test]
fn a_snapshot_gives_back_what_it_was_made_of() {
    let bytes = LONG.to_snapshot().expect("it is written");
    assert_eq!(LONG.activity.blocks().len(), 2);
    let blocks = LONG.activity.blocks().iter().map(|block| {
        let bytes = block.to_bytes().expect("it is written");
        mfa_ledger_projections::activity::Block::from_bytes(&bytes).expect("it is read").into()
    });
    let back = State::from_snapshot(&bytes, blocks.collect()).expect("it is read");
    assert!(back == *LONG);
    assert_eq!(back.checksums().expect("sums"), LONG.checksums().expect("sums"));
}

#[test]
fn a_snapshot_without_its_blocks_or_with_a_rest_or_cut_is_refused() {
    let mut bytes = LONG.to_snapshot().expect("it is written");
    State::from_snapshot(&bytes, Vec::new()).expect_err("two blocks are missing");
    let blocks = LONG.activity.blocks().to_vec();
    State::from_snapshot(&bytes[..bytes.len() - 1], blocks.clone()).expect_err("it is cut");
    bytes.push(0);
    State::from_snapshot(&bytes, blocks).expect_err("something follows");
}

#[test]
fn a_moment_is_found_by_its_time() {
    let activity = &LONG.activity;
    for position in [1, 2, BLOCK as u64, BLOCK as u64 + 1, activity.len() as u64] {
        let at = activity.at(Position(position)).expect("an entry").at;
        assert_eq!(activity.position_at(at), Position(position));
        assert_eq!(activity.position_at(Instant::from_unix_ms(at.unix_ms() - 1)), Position(position - 1));
    }
}

/// Whoever changes what a projection keeps, or how it folds, raises [`SNAPSHOT_VERSION`] along with this.
///
/// [`SNAPSHOT_VERSION`]: mfa_ledger_projections::SNAPSHOT_VERSION
#[test]
fn the_layout_has_not_changed_under_its_version() {
    let sums = LONG.checksums().expect("sums");
    let mut lines: Vec<_> = sums.iter().map(|it| format!("{} {}", it.projection, &it.sha256[..16])).collect();
    let mut people = LONG.shared_to_bytes().expect("they are plain");
    people.extend(LONG.people().iter().flat_map(|id| LONG.person_to_bytes(*id).expect("they are plain")));
    lines.push(format!("people {}", &HEXLOWER.encode(&Sha256::digest(people))[..16]));
    let all = lines.join("\n") + "\n";
    let expected = include_str!("checksums.txt");
    let pinned = (mfa_ledger_projections::SNAPSHOT_VERSION, all.as_str());
    assert_eq!(pinned, (11, expected));
}
