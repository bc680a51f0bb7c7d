//! One rule without the others.

use std::collections::BTreeSet;
use std::sync::Arc;

use rsigma_parser::{FilterRule, FilterRuleTarget, SigmaCollection};

use super::Rules;
use crate::detect::rule::{Kind, Rule};

impl Rules {
    /// One of these rules with all that it rests on: it finds what it finds among the others, for the price of one.
    #[must_use]
    pub fn alone(&self, rule: &Arc<Rule>) -> Self {
        let needed = self.needed(rule);
        let is_needed = |id: Option<&String>| id.is_some_and(|id| needed.contains(id));
        let of = &self.collection;
        let collection = SigmaCollection {
            rules: of.rules.iter().filter(|it| is_needed(it.id.as_ref())).cloned().collect(),
            correlations: of.correlations.iter().filter(|it| is_needed(it.id.as_ref())).cloned().collect(),
            filters: of.filters.iter().filter_map(|filter| narrowed(filter, &needed)).collect(),
            ..SigmaCollection::default()
        };
        // What others refer to is not fed to them.
        let fed = |id: &String| collection.correlations.iter().any(|it| self.refers(&it.rules, id));
        let feeding = self.feeding.iter().filter(|id| fed(id)).cloned().collect();
        let absent = matches!(rule.kind, Kind::Absence { .. });
        Self {
            all: vec![Arc::clone(rule)],
            alerting: [(rule.sigma_id.clone(), 0)].into(),
            feeding,
            absences: absent.then_some(0).into_iter().collect(),
            ranks: self.ranks.clone(),
            group_sizes: self.group_sizes.clone(),
            sha256: self.sha256,
            collection,
        }
    }

    /// The Sigma ids of a rule and of everything that it refers to, however far.
    fn needed(&self, rule: &Rule) -> BTreeSet<String> {
        let mut needed = BTreeSet::from([rule.sigma_id.clone()]);
        if let Kind::Absence { after, without, .. } = &rule.kind {
            needed.extend(after.iter().chain(without).cloned());
        }
        loop {
            let correlations = self
                .collection
                .correlations
                .iter()
                .filter(|it| it.id.as_ref().is_some_and(|id| needed.contains(id)));
            let referred: Vec<_> =
                correlations.flat_map(|it| &it.rules).filter_map(|name| self.id_of(name)).collect();
            let before = needed.len();
            needed.extend(referred);
            if needed.len() == before {
                return needed;
            }
        }
    }

    fn refers(&self, names: &[String], id: &str) -> bool {
        names.iter().any(|name| self.id_of(name).is_some_and(|it| it == id))
    }

    /// The Sigma id of what is referred to by id or name.
    fn id_of(&self, name: &str) -> Option<String> {
        let called = |id: &Option<String>, other: &Option<String>| {
            [id, other].into_iter().flatten().any(|it| it == name)
        };
        let rules = self.collection.rules.iter().find(|it| called(&it.id, &it.name)).map(|it| &it.id);
        let correlations =
            || self.collection.correlations.iter().find(|it| called(&it.id, &it.name)).map(|it| &it.id);
        rules.or_else(correlations)?.clone()
    }
}

/// A filter of what is left; `None` where it is of nothing that is left.
fn narrowed(filter: &FilterRule, needed: &BTreeSet<String>) -> Option<FilterRule> {
    let mut filter = filter.clone();
    if let FilterRuleTarget::Specific(ids) = &mut filter.rules {
        ids.retain(|id| needed.contains(id));
        if ids.is_empty() {
            return None;
        }
    }
    Some(filter)
}
