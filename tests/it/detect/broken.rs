//! Rules that cannot be used: nothing is loaded, and every fault is told by file and line.

use mfa_ledger::react::detect::fixture::EVENTS;
use mfa_ledger::react::detect::load::{FILE_BYTES, FILES};
use mfa_ledger::react::detect::{Broken, Fault, Origin, Rules, Source};

use super::{A_RESET, a_reset};

const COUNTED: &str = "\
title: A reset
id: 00000000-0000-4000-8000-000000000001
name: reset
logsource:
  product: mfa-ledger
  service: activity
detection:
  selection:
    data.action: mfa.reset
  condition: selection
---
title: Two resets
id: 00000000-0000-4000-8000-000000000002
name: two-resets
description: Two resets of one person.
level: low
correlation:
  type: event_count
  rules:
    - reset
  group-by:
    - target.id
  timespan: 1h
  condition:
    gte: 2
";

const ABSENT: &str = "\
title: Nothing follows
id: 00000000-0000-4000-8000-000000000003
name: nothing-follows
description: A reset, and nothing.
level: low
mfa-ledger:
  absence:
    after: reset
    without: reset
    group-by: target.id
    within: 12h
";

/// A rule, and a filter over it.
const FILTER: &str = concat!(
    a_reset!(),
    "\
---
title: Not Carol
id: 00000000-0000-4000-8000-00000000000f
logsource:
  product: mfa-ledger
  service: activity
# Over all of them.
filter:
  rules: any
  selection:
    data.actor.name: carol
  condition: not selection
"
);

/// What is wrong with a text: `line: why`.
fn faults(text: &str) -> Vec<String> {
    let source = Source { name: "x.yml".to_owned(), text: text.into(), origin: Origin::Given };
    let Err(broken) = Rules::of(&[source], &[]) else { return Vec::new() };
    broken.0.iter().map(|fault| fault.to_string().trim_start_matches("x.yml:").to_owned()).collect()
}

#[test]
fn the_samples_can_be_used_as_they_are() {
    for text in [A_RESET, COUNTED, FILTER, &format!("# a comment\n---\n{A_RESET}---\n")] {
        assert_eq!(faults(text), Vec::<String>::new());
    }
}

/// The text that is replaced, by what, the line, and a part of what is told.
const TABLE: &[(&str, &str, &str, usize, &str)] = &[
    (A_RESET, "mfa.reset", "[", 13, "not YAML"),
    (A_RESET, "level: low", "levell: low", 5, "unknown key 'levell'"),
    (A_RESET, "level: low", "level: dreadful", 5, "level"),
    (A_RESET, "level: low", "level: informational", 5, "level must be low, medium, high or critical"),
    (A_RESET, "level: low\n", "", 1, "level must be"),
    (A_RESET, "name: a-reset", "name: A Reset", 3, "needs a name"),
    (A_RESET, "name: a-reset\n", "", 1, "needs a name"),
    (A_RESET, "id: 0", "id: X", 2, "needs an id"),
    (A_RESET, "description: Any reset.\n", "", 1, "description has 1 to 2000 characters"),
    (A_RESET, "product: mfa-ledger", "product: windows", 6, "logsource must be"),
    (A_RESET, "data.action", "data.actoin", 11, "unknown field 'data.actoin'"),
    (A_RESET, "data.action: mfa.reset", "action: mfa.reset", 11, "there is 'data.action'"),
    (A_RESET, "mfa.reset", "mfa.rest", 11, "there is no action 'mfa.rest'"),
    (A_RESET, "condition: selection", "condition: selectoin", 12, "selectoin"),
    (A_RESET, "condition: selection", "condition: selection and", 12, ""),
    (A_RESET, "data.action:", "data.action|nonsense:", 11, "nonsense"),
    (A_RESET, "data.action: mfa.reset", "data.action|re: '('", 9, "regex"),
    (A_RESET, "level: low", "level: low\ncustom_attributes: {rsigma.suppress: 1s}", 6, "unknown key"),
    (A_RESET, "level: low", "level: low\nrsigma.action: reset", 6, "unknown key 'rsigma.action'"),
    (A_RESET, "level: low", "level: low\nmfa-ledger: {suppress: 1}", 6, "suppress must be a duration"),
    (A_RESET, "level: low", "level: low\nmfa-ledger: {suppress: 91d}", 6, "90d at most"),
    (A_RESET, "level: low", "level: low\nmfa-ledger: {group-by: target.ip}", 6, "unknown field 'target.ip'"),
    (A_RESET, "level: low", "level: low\ntests: [{name: x, events: [{acton: y}]}]", 6, "acton"),
    (
        A_RESET,
        "level: low",
        "level: low\ntests: [{name: x, events: [{action: y, times: 201}]}]",
        6,
        "200 events",
    ),
    // The trap: by name, and the detection has no id.
    (COUNTED, "id: 00000000-0000-4000-8000-000000000001\n", "", 1, "would never fire"),
    (COUNTED, "    - reset", "    - resett", 20, "there is no rule 'resett'"),
    (COUNTED, "timespan: 1h", "timespan: 1 hour", 23, "imespan"),
    (COUNTED, "timespan: 1h", "timespan: 0s", 23, "from 1s to 90d"),
    (COUNTED, "timespan: 1h", "timespan: 91d", 23, "from 1s to 90d"),
    (COUNTED, "gte: 2", "gte: 1001", 24, "1000 at most"),
    (COUNTED, "gte: 2", "at-least: 2", 25, "unknown key 'correlation.condition.at-least'"),
    (COUNTED, "type: event_count", "type: value_count", 24, "needs a field"),
    (COUNTED, "type: event_count", "type: counting", 18, "counting"),
    (COUNTED, "type: event_count", "type: temporal", 19, "2 to 4"),
    (COUNTED, "    - target.id", "    - data.target.id", 22, "unknown field 'data.target.id'"),
    (COUNTED, "  timespan", "  window: session\n  timespan", 23, "unknown key 'correlation.window'"),
    (COUNTED, "  timespan", "  aliases: {who: {other: target.id}}\n  timespan", 23, "maps 'other'"),
    (COUNTED, "00002", "00001", 13, "is taken by another document"),
    (COUNTED, "    - reset\n", "    - reset\n    - reset\n", 19, "twice"),
    (COUNTED, "name: reset\n", "name: reset\nlevel: low\n", 4, "raises none"),
    (COUNTED, "level: low", "level: low\nmfa-ledger: {group-by: target.id}", 22, "unknown key"),
    (A_RESET, "  condition", "  timeframe: 1h\n  condition", 12, "belongs into a correlation"),
    (FILTER, "  rules: any\n", "", 20, "needs rules"),
    (FILTER, "rules: any", "rules: [b-reset]", 21, "there is no rule 'b-reset'"),
    (FILTER, "data.actor.name", "data.actor.nick", 23, "unknown field 'data.actor.nick'"),
    (FILTER, "  condition: not selection\n", "", 14, "'condition'"),
    (ABSENT, "after: reset", "after: reset", 8, "there is no rule 'reset'"),
    (ABSENT, "within: 12h", "within: soon", 11, "within"),
    (ABSENT, "    without: reset\n", "", 7, "needs 'without'"),
    (ABSENT, "    within", "    inside: 3h\n    within", 11, "unknown key 'mfa-ledger.absence.inside'"),
];

#[test]
fn what_is_wrong_is_told_by_line() {
    let mut wrong = Vec::new();
    for (sample, old, new, line, why) in TABLE {
        assert!(sample.contains(old), "{old}");
        let told = faults(&sample.replacen(old, new, 1));
        let fits = |fault: &String| fault.starts_with(&format!("{line}: ")) && fault.contains(why);
        if !told.iter().any(fits) {
            wrong.push(format!("{new:?}: wanted {line}: {why}, told {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_faults_are_told_at_once() {
    let text = A_RESET.replace("data.action", "data.actoin").replace("level: low", "levell: low");
    assert_eq!(faults(&text).len(), 1, "keys first");
    let two =
        format!("{}---\n{}", A_RESET.replace("data.action", "data.actoin"), COUNTED.replace("1h", "91d"));
    assert_eq!(faults(&two).len(), 2);
}

#[test]
fn a_yaml_bomb_and_a_deep_nest_are_refused() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (this, last) in ('b'..='i').zip('a'..='h') {
        bomb = format!("{bomb}{this}: &{this} [{}]\n", vec![format!("*{last}"); 9].join(", "));
    }
    assert!(!faults(&bomb).is_empty());
    let nest = format!("detection: {}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(!faults(&nest).is_empty());
}

#[test]
fn a_file_has_a_limit_and_so_has_the_directory() {
    let filled = format!("{A_RESET}# {}\n", "x".repeat(FILE_BYTES - A_RESET.len() - 3));
    assert_eq!(filled.len(), FILE_BYTES);
    assert_eq!(faults(&filled), Vec::<String>::new());
    assert!(faults(&format!("{filled}#"))[0].contains("more than"));

    let dir = tempfile::tempdir().expect("a directory");
    for number in 0..FILES {
        let id = format!("00000000-0000-4000-8001-{number:012x}");
        let text = A_RESET.replace("00000000-0000-4000-8000-000000000001", &id);
        let text = text.replace("a-reset", &format!("a-reset-{number}"));
        std::fs::write(dir.path().join(format!("{number}.yml")), text).expect("a file");
    }
    std::fs::write(dir.path().join("README.md"), "not a rule").expect("a file");
    let rules = Rules::load(Some(dir.path()), &[]).expect("as many as there may be");
    assert_eq!(rules.all().len(), FILES + Rules::pack().all().len());
    std::fs::write(dir.path().join("more.yaml"), A_RESET).expect("a file");
    let broken = Rules::load(Some(dir.path()), &[]).expect_err("one more than there may be");
    assert!(broken.to_string().contains("more than 500 rule files"), "{broken}");
    let gone = Rules::load(Some(&dir.path().join("gone")), &[]).expect_err("no such directory");
    assert!(gone.to_string().contains("cannot be read"), "{gone}");
}

#[test]
fn a_rule_that_is_off_must_be_there() {
    let off = |name: &str| Rules::load(None, &[name.to_owned()]);
    let rules = off("burst-of-resets").expect("there is one");
    assert!(rules.find("burst-of-resets").is_none());
    let broken = off("burst-of-rests").expect_err("there is none");
    assert!(broken.to_string().contains("no rule 'burst-of-rests' to be off"), "{broken}");
}

#[test]
fn fixtures_titles_and_descriptions_have_limits() {
    let times = |times: usize| {
        format!(
            "{A_RESET}tests:\n  - name: many\n    alerts: {times}\n    events:\n      - {{action: mfa.reset, actor: bob, \
             target: alice, after: 1m, times: {times}}}\n"
        )
    };
    assert_eq!(faults(&times(EVENTS)), Vec::<String>::new());
    assert!(faults(&times(EVENTS + 1))[0].contains("'many' has more than 200 events"));
    for (line, key, most) in
        [("title: A reset", "title", 120), ("description: Any reset.", "description", 2_000)]
    {
        let text = |chars: usize| A_RESET.replace(line, &format!("{key}: {}", "é".repeat(chars)));
        assert_eq!(faults(&text(most)), Vec::<String>::new(), "{key}");
        let told = faults(&text(most + 1));
        assert!(told[0].contains(&format!("{key} has 1 to {most} characters")), "{told:?}");
    }
}

#[test]
fn windows_counts_and_steps_are_taken_up_to_their_limits() {
    for (old, new) in
        [("timespan: 1h", "timespan: 90d"), ("timespan: 1h", "timespan: 1s"), ("gte: 2", "gte: 1000")]
    {
        assert!(COUNTED.contains(old));
        assert_eq!(faults(&COUNTED.replace(old, new)), Vec::<String>::new(), "{new}");
    }
}

#[test]
fn twenty_faults_are_shown_and_the_rest_counted() {
    let fault = |line: usize| Fault { file: "x.yml".to_owned(), line, why: "is wrong".to_owned() };
    let shown = |faults: usize| Broken((1..=faults).map(fault).collect()).to_string();
    assert_eq!(shown(20).lines().count(), 20);
    assert!(shown(20).ends_with("x.yml:20: is wrong"));
    assert_eq!(shown(21).lines().count(), 21);
    assert!(shown(21).ends_with("\nand 1 more"));
}
