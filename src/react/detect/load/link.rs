//! The documents together: what refers to what, and which of them raise alerts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mfa_ledger_schemas::{RuleId, Severity};
use rsigma_eval::{CorrelationConfig, CorrelationEngine};
use rsigma_parser::{CorrelationType, FilterRuleTarget};
use sha2::{Digest, Sha256};

use super::Rules;
use super::file::{Doc, Fault};
use super::parse::{Parsed, seconds_of, texts};
use crate::detect::engine::TICKS;
use crate::detect::fixture;
use crate::detect::rule::{Kind, Rule};

/// What single rules group by unless they say otherwise.
const GROUP: &str = "target.id";

/// Documents by id and by name.
struct Index<'a> {
    parsed: &'a [Parsed<'a>],
    by_name: BTreeMap<&'a str, usize>,
}

pub(super) fn link(parsed: &[Parsed<'_>], off: &[String], faults: &mut Vec<Fault>) -> Rules {
    let index = Index::of(parsed, faults);
    let used = index.used(faults);
    let mut rules = Rules::default();
    let mut all = Vec::new();
    let mut unused_off: BTreeSet<&str> = off.iter().map(String::as_str).collect();
    let mut gone = BTreeSet::new();
    for (number, part) in parsed.iter().enumerate() {
        if used.contains(&number) || matches!(part, Parsed::Filter(..)) {
            let idle = ["tests", "level", "mfa-ledger"].into_iter();
            for key in idle.filter(|key| part.doc().map.contains_key(*key)) {
                let why = format!("{key} is for rules that raise alerts, and this one raises none");
                faults.push(part.doc().fault(&format!("{key}:"), why));
            }
            continue;
        }
        if let Some(rule) = rule(part, &index, faults) {
            if off.iter().any(|it| it == rule.id.as_str()) {
                unused_off.remove(rule.id.as_str());
                gone.insert(number);
            } else {
                all.push(Arc::new(rule));
            }
        }
    }
    for name in unused_off {
        let why = format!("there is no rule '{name}' to be off");
        faults.push(Fault { file: "rules.off".to_owned(), line: 1, why });
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    for (number, part) in parsed.iter().enumerate().filter(|(number, _)| !gone.contains(number)) {
        rules.add(number, part, &index, faults);
    }
    rules.alerting = all.iter().enumerate().map(|(at, rule)| (rule.sigma_id.clone(), at)).collect();
    let absent = |(at, rule): (usize, &Arc<Rule>)| matches!(rule.kind, Kind::Absence { .. }).then_some(at);
    rules.absences = all.iter().enumerate().filter_map(absent).collect();
    rules.all = all;
    if faults.is_empty() {
        let tried = CorrelationEngine::new(CorrelationConfig::default()).add_collection(&rules.collection);
        if let Err(error) = tried {
            faults.push(Fault { file: "rules".to_owned(), line: 1, why: error.to_string() });
        }
    }
    rules
}

impl<'a> Index<'a> {
    fn of(parsed: &'a [Parsed<'a>], faults: &mut Vec<Fault>) -> Self {
        let mut by_name = BTreeMap::new();
        for (number, part) in parsed.iter().enumerate() {
            let doc = part.doc();
            for name in [Some(doc.id()), doc.text_of("name")].into_iter().flatten() {
                if let Some(other) = by_name.insert(name, number) {
                    let other: &Parsed<'_> = &parsed[other];
                    let file = &other.doc().source.name;
                    faults.push(doc.fault(name, format!("'{name}' is taken by another document, in {file}")));
                }
            }
        }
        Self { parsed, by_name }
    }

    fn find(&self, doc: &Doc<'_>, name: &str, faults: &mut Vec<Fault>) -> Option<usize> {
        let found = self.by_name.get(name).copied();
        if found.is_none() {
            faults.push(doc.fault(name, format!("there is no rule '{name}'")));
        }
        found
    }

    /// The documents that others refer to, and that raise no alerts of their own.
    fn used(&self, faults: &mut Vec<Fault>) -> BTreeSet<usize> {
        let mut used = BTreeSet::new();
        for part in self.parsed {
            let doc = part.doc();
            match part {
                Parsed::Correlation(_, rule) => {
                    let found: Vec<_> =
                        rule.rules.iter().filter_map(|name| self.find(doc, name, faults)).collect();
                    if !rule.generate {
                        used.extend(found);
                    }
                }
                Parsed::Absence(_, rule) => {
                    for name in rule.after.iter().chain(&rule.without) {
                        let Some(found) = self.find(doc, name, faults) else { continue };
                        if !matches!(self.parsed[found], Parsed::Detection(..)) {
                            faults.push(doc.fault(name, format!("'{name}' is not a detection")));
                        }
                        used.insert(found);
                    }
                }
                Parsed::Detection(..) | Parsed::Filter(..) => {}
            }
        }
        used
    }

    /// The Sigma id behind a name that is known.
    fn id(&self, name: &str) -> String {
        let found = self.by_name.get(name).map(|number| self.parsed[*number].doc().id());
        found.unwrap_or_default().to_owned()
    }

    /// The detections that a rule rests on, by Sigma id.
    fn ground(&self, name: &str, depth: usize) -> Vec<String> {
        let Some(number) = self.by_name.get(name).filter(|_| depth > 0) else { return Vec::new() };
        match &self.parsed[*number] {
            Parsed::Detection(doc, _) => vec![doc.id().to_owned()],
            Parsed::Correlation(_, rule) => {
                rule.rules.iter().flat_map(|name| self.ground(name, depth - 1)).collect()
            }
            Parsed::Absence(_, rule) => rule.after.iter().map(|name| self.id(name)).collect(),
            Parsed::Filter(..) => Vec::new(),
        }
    }
}

impl Rules {
    fn add(&mut self, number: usize, part: &Parsed<'_>, index: &Index<'_>, faults: &mut Vec<Fault>) {
        match part {
            Parsed::Detection(_, rule) => {
                let mut rule = (**rule).clone();
                // The engine would take some of these for its own settings.
                rule.custom_attributes.clear();
                self.collection.rules.push(rule);
            }
            Parsed::Correlation(doc, rule) => {
                let ordered = rule.correlation_type == CorrelationType::TemporalOrdered;
                for (step, name) in rule.rules.iter().enumerate() {
                    let id = index.id(name);
                    let rank = self.ranks.entry(id.clone()).or_default();
                    *rank = (*rank).max(if ordered { step } else { 0 });
                    self.feeding.insert(id);
                }
                self.group_sizes.insert(doc.id().to_owned(), rule.group_by.len());
                self.collection.correlations.push((**rule).clone());
            }
            Parsed::Filter(doc, filter) => {
                let mut filter = (**filter).clone();
                if let FilterRuleTarget::Specific(names) = &mut filter.rules {
                    let known: Vec<_> =
                        names.iter().filter(|name| index.find(doc, name, faults).is_some()).collect();
                    let ground = known.iter().flat_map(|name| index.ground(name, index.parsed.len()));
                    *names = ground.collect();
                    if names.is_empty() {
                        faults.push(
                            doc.fault("rules:", "there is nothing that the filter could take events out of"),
                        );
                    }
                }
                self.collection.filters.push(filter);
            }
            Parsed::Absence(..) => debug_assert!(number < index.parsed.len()),
        }
    }
}

/// The rule that a document which raises alerts is.
fn rule(part: &Parsed<'_>, index: &Index<'_>, faults: &mut Vec<Fault>) -> Option<Rule> {
    let doc = part.doc();
    let before = faults.len();
    let name = doc.text_of("name").unwrap_or_default();
    let id: Option<RuleId> = name.parse().ok();
    if id.is_none() {
        faults.push(doc.fault("name:", "a rule that raises alerts needs a name: 1 to 64 of a-z, 0-9 and -"));
    }
    let severity = match doc.text_of("level") {
        Some("low") => Some(Severity::Low),
        Some("medium") => Some(Severity::Medium),
        Some("high") => Some(Severity::High),
        Some("critical") => Some(Severity::Critical),
        _ => None,
    };
    if severity.is_none() {
        faults.push(doc.fault("level:", "level must be low, medium, high or critical"));
    }
    let description = doc.text_of("description").unwrap_or_default().trim().to_owned();
    let title = doc.text_of("title").unwrap_or_default().to_owned();
    for (key, text, most) in
        [("title", &title, TITLE_CHARS), ("description", &description, DESCRIPTION_CHARS)]
    {
        if !(1..=most).contains(&text.chars().count()) {
            faults.push(doc.fault(&format!("{key}:"), format!("{key} has 1 to {most} characters")));
        }
    }
    let kind = kind(part, index, faults);
    let tests = fixture::read(doc.map.get("tests"));
    let tests = tests.map_err(|why| faults.push(doc.fault("tests:", why))).unwrap_or_default();
    if faults.len() > before {
        return None;
    }
    Some(Rule {
        id: id?,
        sigma_id: doc.id().to_owned(),
        title,
        description,
        severity: severity?,
        tags: texts(doc.map.get("tags")),
        false_positives: texts(doc.map.get("falsepositives")),
        kind,
        origin: doc.source.origin.clone(),
        sha256: Sha256::digest(doc.source.text.as_bytes()).into(),
        text: Arc::clone(&doc.source.text),
        tests,
    })
}

/// Longest title, in characters: it stands in every alert.
const TITLE_CHARS: usize = 120;
/// Longest description, in characters.
const DESCRIPTION_CHARS: usize = 2_000;

fn kind(part: &Parsed<'_>, index: &Index<'_>, faults: &mut Vec<Fault>) -> Kind {
    match part {
        Parsed::Correlation(_, rule) => {
            Kind::Correlation { of: rule.correlation_type, window: rule.timespan.seconds / TICKS }
        }
        Parsed::Absence(_, rule) => Kind::Absence {
            after: rule.after.iter().map(|name| index.id(name)).collect(),
            without: rule.without.iter().map(|name| index.id(name)).collect(),
            group_by: rule.group_by.clone(),
            within: rule.within,
        },
        Parsed::Detection(doc, _) | Parsed::Filter(doc, _) => {
            let ours = doc.map_of("mfa-ledger");
            let mut group_by = texts(ours.and_then(|it| it.get("group-by")));
            for field in &group_by {
                super::fields::check(doc, field, faults);
            }
            if group_by.is_empty() {
                group_by.push(GROUP.to_owned());
            }
            Kind::Single { group_by, suppress: seconds_of(doc, ours, "suppress", faults).unwrap_or(0) }
        }
    }
}
