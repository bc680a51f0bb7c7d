//! Who did what to whom: every filter alone and all together, order, cursors.

use mfa_ledger_projections::{ActivityFilter, Order};
use mfa_ledger_schemas::{Instant, Outcome, Position, RefusalCode, SessionStage};

use crate::ledger::{Ledger, adm};

/// 1-3 registrations, 4 log-in of 1, 5 enabling by 2, 6 refused reset, 7 reset, 8 stranger, 9 reset.
fn ledger() -> Ledger {
    let mut ledger = Ledger::new();
    for who in 1..=3 {
        ledger.register(who);
    }
    ledger.log_in(1, 1, SessionStage::Done, 12);
    ledger.enable(2);
    ledger.refuse(1, 2, RefusalCode::ReasonRequired, "HD-1");
    ledger.reset(1, 2, "HD-1");
    ledger.stranger("hash", 1);
    ledger.reset(3, 1, "HD-2");
    ledger
}

fn found(ledger: &Ledger, filter: &ActivityFilter) -> Vec<u64> {
    let page = ledger.state.activity.page(filter, Order::Ascending, None, 100);
    page.positions.into_iter().map(|position| position.0).collect()
}

fn all() -> ActivityFilter {
    ActivityFilter::default()
}

/// Filters take owned text.
macro_rules! text {
    ($value:expr) => {
        Some($value.to_string())
    };
}

#[test]
fn an_empty_filter_restricts_nothing_and_the_newest_come_first() {
    let ledger = ledger();
    assert_eq!(found(&ledger, &all()), (1..=9).collect::<Vec<_>>());
    let page = ledger.state.activity.page(&all(), Order::default(), None, 100);
    assert_eq!(page.positions, (1..=9).rev().map(Position).collect::<Vec<_>>());
    assert!(!page.has_more);
}

#[test]
fn each_filter_alone() {
    let ledger = ledger();
    let actions = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    for (filter, positions) in [
        (ActivityFilter { actions: actions(&["mfa.reset"]), ..all() }, vec![7, 9]),
        (ActivityFilter { actions: actions(&["mfa.reset", "mfa.reset_refused"]), ..all() }, vec![6, 7, 9]),
        (ActivityFilter { actions: actions(&["mfa"]), ..all() }, vec![]),
        (ActivityFilter { actor: text!("person-1"), ..all() }, vec![4, 6, 7]),
        (ActivityFilter { actor: text!("PERSON-1"), ..all() }, vec![4, 6, 7]),
        (ActivityFilter { actor: text!(&adm(1).to_string()), ..all() }, vec![4, 6, 7]),
        (ActivityFilter { actor: text!("person"), ..all() }, vec![]),
        (ActivityFilter { target: text!("person-2"), ..all() }, vec![2, 5, 6, 7]),
        (ActivityFilter { target: text!(&adm(2).to_string()), ..all() }, vec![2, 5, 6, 7]),
        (ActivityFilter { outcome: Some(Outcome::Refused), ..all() }, vec![6]),
        (ActivityFilter { outcome: Some(Outcome::Failed), ..all() }, vec![8]),
        (ActivityFilter { outcome: Some(Outcome::Success), ..all() }, vec![1, 2, 3, 4, 5, 7, 9]),
        (ActivityFilter { address: text!("192.0.2.3"), ..all() }, vec![9]),
        (ActivityFilter { address: text!("192.0.2."), ..all() }, vec![]),
        (ActivityFilter { ticket: text!("HD-1"), ..all() }, vec![6, 7]),
        (ActivityFilter { ticket: text!("HD"), ..all() }, vec![]),
    ] {
        assert_eq!(found(&ledger, &filter), positions, "{filter:?}");
    }
}

#[test]
fn words_must_all_stand_somewhere_whatever_their_case() {
    let ledger = ledger();
    let words =
        |list: &[&str]| ActivityFilter { words: list.iter().map(|&word| word.to_owned()).collect(), ..all() };
    for (list, positions) in [
        (&["hd-2"][..], vec![9]),
        (&["NEW_PHONE"], vec![6, 7, 9]),
        (&["new_phone", "person-3"], vec![9]),
        (&["reason-required"], vec![6]),
        (&["refused", "192.0.2.1"], vec![6]),
        (&["nothing-like-it"], vec![]),
        (&["new_phone", "nothing-like-it"], vec![]),
    ] {
        assert_eq!(found(&ledger, &words(list)), positions, "{list:?}");
    }
}

#[test]
fn since_counts_its_moment_and_until_does_not() {
    let ledger = ledger();
    let at = |position: u64| ledger.state.activity.at(Position(position)).map(|entry| entry.at);
    let between = |since: Option<Instant>, until: Option<Instant>| {
        found(&ledger, &ActivityFilter { since, until, ..all() })
    };
    assert_eq!(between(at(8), None), [8, 9]);
    assert_eq!(between(None, at(3)), [1, 2]);
    assert_eq!(between(at(4), at(6)), [4, 5]);
    assert!(between(at(6), at(6)).is_empty());
}

#[test]
fn filters_together_restrict_together() {
    let ledger = ledger();
    let filter = ActivityFilter {
        actions: vec!["mfa.reset".to_owned()],
        actor: text!("person-1"),
        target: text!("person-2"),
        outcome: Some(Outcome::Success),
        address: text!("192.0.2.1"),
        ticket: text!("HD-1"),
        words: vec!["phone".to_owned()],
        since: Some(Instant::default()),
        until: Some(ledger.now),
    };
    assert_eq!(found(&ledger, &filter), [7]);
    assert!(ledger.state.activity.matches(Position(7), &filter));
    for other in [0, 6, 9, 10] {
        assert!(!ledger.state.activity.matches(Position(other), &filter), "{other}");
    }
    for spoilt in [
        ActivityFilter { actor: text!("person-3"), ..filter.clone() },
        ActivityFilter { target: text!("person-3"), ..filter.clone() },
        ActivityFilter { outcome: Some(Outcome::Failed), ..filter.clone() },
        ActivityFilter { address: text!("192.0.2.2"), ..filter.clone() },
        ActivityFilter { ticket: text!("HD-2"), ..filter.clone() },
        ActivityFilter { until: Some(Instant::default()), ..filter.clone() },
    ] {
        assert!(found(&ledger, &spoilt).is_empty(), "{spoilt:?}");
    }
}

#[test]
fn a_page_ends_where_its_limit_is_and_says_whether_more_follow() {
    let ledger = ledger();
    let page = |order, after: Option<u64>, limit| {
        let page = ledger.state.activity.page(&all(), order, after.map(Position), limit);
        (page.positions.into_iter().map(|it| it.0).collect::<Vec<_>>(), page.has_more)
    };
    assert_eq!(page(Order::Descending, None, 3), (vec![9, 8, 7], true));
    assert_eq!(page(Order::Descending, Some(7), 6), (vec![6, 5, 4, 3, 2, 1], false));
    assert_eq!(page(Order::Descending, Some(7), 5), (vec![6, 5, 4, 3, 2], true));
    assert_eq!(page(Order::Ascending, None, 3), (vec![1, 2, 3], true));
    assert_eq!(page(Order::Ascending, Some(6), 3), (vec![7, 8, 9], false));
    for order in [Order::Descending, Order::Ascending] {
        assert!(!page(order, None, 9).1);
        assert!(page(order, None, 8).1);
        assert_eq!(page(order, None, 0), (vec![], true));
    }
    assert_eq!(page(Order::Descending, Some(1), 5), (vec![], false));
    assert_eq!(page(Order::Descending, Some(0), 5), (vec![], false));
    assert_eq!(page(Order::Ascending, Some(9), 5), (vec![], false));
    assert_eq!(page(Order::Ascending, Some(u64::MAX), 5), (vec![], false));
    assert_eq!(page(Order::Descending, Some(u64::MAX), 2), (vec![9, 8], true));
}

#[test]
fn a_cursor_is_not_moved_by_what_is_appended() {
    let mut ledger = ledger();
    let first = ledger.state.activity.page(&all(), Order::Descending, None, 3);
    ledger.register(4);
    ledger.register(5);
    let after = first.positions.last().copied();
    let second = ledger.state.activity.page(&all(), Order::Descending, after, 3);
    assert_eq!(second.positions, [6, 5, 4].map(Position));
    let up = ledger.state.activity.page(&all(), Order::Ascending, Some(Position(9)), 3);
    assert_eq!(up.positions, [10, 11].map(Position), "and new ones are found behind it");
}

#[test]
fn an_entry_keeps_the_names_of_its_time() {
    let ledger = ledger();
    let entry = ledger.state.activity.at(Position(7)).expect("shown");
    assert_eq!((&*entry.actor_name, entry.target_name.as_deref()), ("person-1", Some("person-2")));
    assert_eq!((entry.action, entry.code), ("mfa.reset".into(), None));
    assert_eq!(entry.ticket.as_deref(), Some("HD-1"));
    let refused = ledger.state.activity.at(Position(6)).expect("shown");
    assert_eq!((refused.action, refused.code), ("mfa.reset_refused".into(), Some("reason-required".into())));
    let stranger = ledger.state.activity.at(Position(8)).expect("shown");
    assert_eq!((stranger.actor, stranger.target, stranger.code), (None, None, Some("unknown_user".into())));
    assert_eq!(ledger.state.activity.at(Position(0)), None);
    assert_eq!(ledger.state.activity.at(Position(10)), None);
}
