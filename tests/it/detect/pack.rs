//! The rules that ship in the binary.

use std::collections::BTreeSet;
use std::sync::Arc;

use mfa_ledger::react::detect::{PACK, Rules};

#[test]
fn every_file_of_the_pack_is_in_the_binary() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/react/detect/pack");
    let files = std::fs::read_dir(dir).expect("the pack").map(|entry| entry.expect("a file").file_name());
    let files: BTreeSet<_> = files.map(|name| name.into_string().expect("UTF-8")).collect();
    let listed: BTreeSet<_> = PACK.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed, files);
}

#[test]
fn every_rule_tells_what_it_finds_and_shows_it() {
    let rules = Rules::pack();
    let named: Vec<_> = rules.all().iter().map(|rule| format!("{}.yml", rule.id)).collect();
    let files: Vec<_> = PACK.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named, files, "one rule a file, named like it");
    for rule in rules.all() {
        assert!(!rule.false_positives.is_empty(), "{}", rule.id);
        assert!(rule.tags.iter().any(|tag| tag.starts_with("attack.t")), "{}", rule.id);
        let alerts: Vec<_> = rule.tests().iter().map(|test| test.alerts).collect();
        assert!(alerts.contains(&0) && alerts.iter().any(|it| *it > 0), "{}: {alerts:?}", rule.id);
    }
}

#[test]
fn every_rule_has_its_title_and_description_in_both_languages() {
    let texts = |text: &str| text.parse::<toml::Table>().expect("TOML")["names"].clone();
    let english = texts(include_str!("../../../src/console/texts/en-audit.toml"));
    let german = texts(include_str!("../../../src/console/texts/de-audit.toml"));
    for rule in Rules::pack().all() {
        let id = rule.id.as_str();
        for (table, words) in [("rule_title", &rule.title), ("rule_about", &rule.description)] {
            let told = |texts: &toml::Value| texts[table].get(id)?.as_str().map(str::to_owned);
            assert_eq!(told(&english).as_ref(), Some(words), "{id}: names.{table} in English");
            let german = told(&german).unwrap_or_else(|| panic!("{id}: no names.{table} in German"));
            assert!(!german.is_empty() && german != *words, "{id}: names.{table} in German");
        }
    }
}

#[test]
fn every_fixture_matches_as_often_as_it_says() {
    let rules = Arc::new(Rules::pack());
    let mut faults = Vec::new();
    for rule in rules.all() {
        for test in rule.tests() {
            let found = test.run(&rules, rule);
            if found != test.alerts {
                faults.push(format!("{}: {}: {found} instead of {}", rule.id, test.name, test.alerts));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}
