//! What detection keeps in memory has an end.

use std::sync::Arc;

use mfa_ledger::react::detect::backtest::SHOWN;
use mfa_ledger::react::detect::engine::{GROUPS, POSITIONS};
use mfa_ledger::react::detect::{Backtest, Engine, Match, Range, Rules};
use mfa_ledger_schemas::{Instant, Position};
use serde_json::json;

use super::A_RESET;

/// Sixty log-ins of one person within a day.
const SIXTY: &str = "\
title: A log-in
id: 00000000-0000-4000-8000-000000000001
name: log-in
logsource:
  product: mfa-ledger
  service: activity
detection:
  selection:
    data.action: session.started
  condition: selection
---
title: Sixty log-ins
id: 00000000-0000-4000-8000-000000000002
name: sixty-log-ins
description: Sixty log-ins of one person within a day.
level: low
correlation:
  type: event_count
  rules:
    - log-in
  group-by:
    - target.id
  timespan: 1d
  condition:
    gte: 60
";

fn log_in(engine: &mut Engine, number: u64, who: u64) -> Vec<Match> {
    let at = Instant::from_unix_ms(1_764_547_200_000 + i64::try_from(number).expect("small"));
    let data = json!({"action": "session.started", "target": {"administrator": format!("adm-{who}")}});
    let leaf = json!({"time": at, "data": data}).to_string();
    engine.take(Position(number), &leaf, false).expect("a leaf").matches
}

#[test]
fn an_alert_names_the_newest_of_the_records_behind_it() {
    let mut engine = Engine::new(&Arc::new(Rules::given(SIXTY).expect("a rule")));
    let found: Vec<_> = (1..=70).flat_map(|number| log_in(&mut engine, number, 1)).collect();
    assert_eq!(found.len(), 1, "and once");
    let newest: Vec<_> = (60 - POSITIONS as u64 + 1..=60).map(Position).collect();
    assert_eq!(found[0].positions, newest);
}

#[test]
fn windows_that_moved_longest_ago_are_forgotten_at_the_limit() {
    let mut engine = Engine::new(&Arc::new(Rules::given(SIXTY).expect("a rule")));
    let full = GROUPS as u64;
    for number in 1..=full {
        assert_eq!(log_in(&mut engine, number, number), []);
    }
    assert!((GROUPS * 9 / 10..=GROUPS).contains(&engine.groups()), "{}", engine.groups());
    log_in(&mut engine, full + 1, full + 1);
    assert!(engine.groups() <= GROUPS, "{}", engine.groups());
    // Who came last is remembered: 59 more make sixty.
    let found: Vec<_> = (2..=60).flat_map(|more| log_in(&mut engine, full + more, full + 1)).collect();
    assert_eq!(found.len(), 1);
}

#[test]
fn one_event_is_never_two_steps_of_an_ordered_rule() {
    let text = SIXTY.replace("type: event_count", "type: temporal_ordered");
    let text = text
        .replace("    - log-in\n", "    - log-in\n    - again\n")
        .replace("  condition:\n    gte: 60\n", "");
    let again = SIXTY.split("---").next().expect("a detection");
    let again = again.replace("0001", "0003").replace("name: log-in", "name: again");
    let rules = Rules::given(&format!("{again}---\n{text}")).expect("rules");
    let mut engine = Engine::new(&Arc::new(rules));
    assert_eq!(log_in(&mut engine, 1, 1), []);
    assert_eq!(log_in(&mut engine, 2, 2), [], "somebody else");
    let found = log_in(&mut engine, 3, 1);
    assert_eq!(found.iter().map(|it| it.positions.clone()).collect::<Vec<_>>(), [[Position(1), Position(3)]]);
}

#[test]
fn a_back_test_shows_so_many_alerts_and_counts_all_of_them() {
    let rules = Arc::new(Rules::given(A_RESET).expect("a rule"));
    for raised in [SHOWN, SHOWN + 1] {
        let mut test = Backtest::new(&rules, Range::default());
        for number in 1..=raised as u64 {
            let at = Instant::from_unix_ms(1_764_547_200_000 + i64::try_from(number).expect("small"));
            let target = json!({"administrator": format!("adm-{number}")});
            let leaf = json!({"time": at, "data": {"action": "mfa.reset", "target": target}});
            test.take(Position(number), &leaf.to_string(), false).expect("a leaf");
        }
        let report = test.finish(Instant::from_unix_ms(1_764_547_300_000));
        assert_eq!((report.alerts, report.matches.len()), (raised as u64, SHOWN));
        assert_eq!(report.is_cut(), raised > SHOWN);
    }
}

/// A log-in, then an enrollment, then a reset of one person within a day, in this order.
const IN_ORDER: &str = "\
title: A log-in
id: 00000000-0000-4000-8000-000000000001
name: first
logsource: {product: mfa-ledger, service: activity}
detection: {selection: {data.action: session.started}, condition: selection}
---
title: An enrollment
id: 00000000-0000-4000-8000-000000000002
name: second
logsource: {product: mfa-ledger, service: activity}
detection: {selection: {data.action: mfa.enabled}, condition: selection}
---
title: A reset
id: 00000000-0000-4000-8000-000000000003
name: third
logsource: {product: mfa-ledger, service: activity}
detection: {selection: {data.action: mfa.reset}, condition: selection}
---
title: All three
id: 00000000-0000-4000-8000-000000000004
name: all-three
description: A log-in, then an enrollment, then a reset.
level: low
correlation:
  type: temporal_ordered
  rules: [first, second, third]
  group-by: [target.id]
  timespan: 1d
";

/// Hits that one group of a temporal rule keeps for each of its steps.
const STEPS_KEPT: usize = 100;

#[test]
fn a_group_of_a_temporal_rule_keeps_so_many_hits_of_a_step() {
    for (log_ins_after, expected) in [(STEPS_KEPT - 1, 1), (STEPS_KEPT, 0)] {
        let mut engine = Engine::new(&Arc::new(Rules::given(IN_ORDER).expect("rules")));
        // The one log-in before the enrollment is the oldest of those that are kept, or one too many.
        let mut actions = vec!["session.started", "mfa.enabled"];
        actions.extend(vec!["session.started"; log_ins_after]);
        actions.push("mfa.reset");
        let mut alerts = 0;
        for (number, action) in (1..).zip(actions) {
            let at = Instant::from_unix_ms(1_764_547_200_000 + number);
            let data = json!({"action": action, "target": {"administrator": "adm-1"}});
            let leaf = json!({"time": at, "data": data}).to_string();
            let position = Position(number.cast_unsigned());
            alerts += engine.take(position, &leaf, false).expect("a leaf").matches.len();
        }
        assert_eq!(alerts, expected, "{log_ins_after} log-ins after the enrollment");
    }
}
