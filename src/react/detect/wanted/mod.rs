//! What of a leaf is looked at. The rest is passed over while the leaf is read, and takes neither memory nor most of the
//! time.

mod read;

use rsigma_eval::RuleFieldSet;
use rsigma_parser::value::SigmaValue;
use rsigma_parser::{Detection, DetectionItem, Modifier};

use super::facts;
use super::load::Rules;
use super::rule::Kind;

/// A field that is wanted: all of it, or what is named below it. Items of arrays have the names of the array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    whole: bool,
    /// Few of them: they are looked through.
    below: Vec<(String, Wanted)>,
}

impl Wanted {
    /// What rules name, and what computed fields rest on; everything, where a rule looks for words anywhere.
    pub fn by(rules: &Rules) -> Self {
        let mut wanted = Self::default();
        let collection = rules.collection();
        let grouped = rules.all().iter().flat_map(|rule| match &rule.kind {
            Kind::Single { group_by, .. } | Kind::Absence { group_by, .. } => group_by.as_slice(),
            Kind::Correlation { .. } => &[],
        });
        let named = RuleFieldSet::collect(collection, &[], true);
        let named = named.names().chain(facts::RESTS_ON.iter().copied());
        for name in named.chain(grouped.map(String::as_str)) {
            wanted.add(name);
        }
        let of_rules = collection.rules.iter().map(|rule| &rule.detection);
        let of_filters = collection.filters.iter().map(|filter| &filter.detection);
        for detection in of_rules.chain(of_filters).flat_map(|detections| detections.named.values()) {
            wanted.add_unnamed(detection);
        }
        wanted
    }

    /// Whether anything of a field of the event itself is wanted.
    pub fn has(&self, name: &str) -> bool {
        self.below(name).is_some()
    }

    fn add(&mut self, path: &str) {
        if self.whole {
            return;
        }
        match path.split_once('.') {
            Some((name, rest)) => self.at(name).add(rest),
            None => *self.at(path) = Self::all(),
        }
    }

    fn below(&self, name: &str) -> Option<&Self> {
        if self.whole {
            return Some(self);
        }
        self.below.iter().find(|(it, _)| it == name).map(|(_, wanted)| wanted)
    }

    fn at(&mut self, name: &str) -> &mut Self {
        let index = self.below.iter().position(|(it, _)| it == name).unwrap_or_else(|| {
            self.below.push((name.to_owned(), Self::default()));
            self.below.len() - 1
        });
        &mut self.below[index].1
    }

    /// Everything.
    pub fn all() -> Self {
        Self { whole: true, below: Vec::new() }
    }

    /// What a selection looks at without being listed among its fields: the other field of a comparison, and any text.
    fn add_unnamed(&mut self, detection: &Detection) {
        match detection {
            Detection::AllOf(items) => {
                for item in items {
                    self.add_other(item);
                }
            }
            Detection::AnyOf(parts) | Detection::And(parts) => {
                for part in parts {
                    self.add_unnamed(part);
                }
            }
            Detection::Keywords(_) => *self = Self::all(),
            Detection::ArrayMatch { body, .. } => self.add_unnamed(body),
            Detection::Conditional { named, .. } => {
                for part in named.values() {
                    self.add_unnamed(part);
                }
            }
        }
    }

    fn add_other(&mut self, item: &DetectionItem) {
        if item.field.name.is_none() {
            *self = Self::all();
        } else if item.field.has_modifier(Modifier::FieldRef) {
            for value in &item.values {
                if let SigmaValue::String(other) = value {
                    self.add(&other.original);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(selection: &str) -> Wanted {
        let rule = format!(
            "title: T\nname: tried\nid: 6f1f2f3e-0000-4000-8000-000000000001\nlevel: low\nstatus: test\n\
             description: A rule that is tried.\ntags: [attack.t1556.006]\nlogsource: {{product: mfa-ledger, \
             service: activity}}\ndetection:\n  seen:\n{selection}\n  condition: seen\nfalsepositives: [None]\n"
        );
        let rule = match Rules::given(&rule) {
            Ok(rule) => rule,
            Err(broken) => panic!("{broken}"),
        };
        Wanted::by(&rule)
    }

    #[test]
    fn a_leaf_is_read_as_far_as_it_is_named() {
        let leaf = r#"{"id":"1","time":"T","data":{"action":"a","target":null,"details":{"administrator":"x",
            "device_known":true,"step":7},"actor":{"name":"n","session":"s"}}}"#;
        let read = |selection| wanted(selection).read(leaf).unwrap().to_json();
        let always = serde_json::json!({"time": "T", "data": {"action": "a", "target": null,
            "details": {"administrator": "x", "device_known": true}, "actor": {"name": "n"}}});
        assert_eq!(read("    data.action: mfa.reset"), always);
        assert_eq!(read("    data.details.step: 7")["data"]["details"]["step"], 7);
        assert_eq!(read("    data.action|fieldref: data.actor.session")["data"]["actor"]["session"], "s");
        let whole: serde_json::Value = serde_json::from_str(leaf).unwrap();
        assert_eq!(read("    - INC"), whole, "words may stand anywhere");
    }

    #[test]
    fn what_is_not_looked_at_has_to_be_json_all_the_same() {
        let wanted = wanted("    data.action: mfa.reset");
        for broken in ["", "{", r#"{"id":1"#, r#"{"id":1,}"#, r#"{"id":01}"#, "{} {}"] {
            assert!(wanted.read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_wanted_whole_stays_so() {
        let mut wanted = Wanted::default();
        for name in ["data.a.b", "data.a", "data.a.c"] {
            wanted.add(name);
        }
        let leaf = r#"{"data":{"a":[{"b":1,"d":2}],"e":3}}"#;
        assert_eq!(
            wanted.read(leaf).unwrap().to_json(),
            serde_json::json!({"data": {"a": [{"b": 1, "d": 2}]}})
        );
        let mut below = Wanted::default();
        below.add("data.a.b");
        assert_eq!(below.read(leaf).unwrap().to_json(), serde_json::json!({"data": {"a": [{"b": 1}]}}));
    }
}
