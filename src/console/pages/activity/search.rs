//! What somebody types to find entries: words, and qualifiers such as `action:mfa.reset actor:jane since:7d`,
//! translated to the parameters of the API. What is not understood is told, never ignored.

use std::net::IpAddr;

use mfa_ledger_schemas::event::REFUSED_ACTIONS;
use mfa_ledger_schemas::{Event, Instant, Outcome};

use crate::Zone;

/// The qualifiers that there are.
pub(super) const QUALIFIERS: [&str; 8] =
    ["action", "actor", "target", "outcome", "ip", "ticket", "since", "until"];

/// A search as the API takes it, and what was not understood of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    /// Names and values of the API's parameters.
    pub parameters: Vec<(&'static str, String)>,
    pub faults: Vec<Fault>,
}

/// A part of a search that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no such qualifier.
    Unknown { name: String },
    /// A qualifier has nothing behind its colon.
    Empty { name: &'static str },
    /// What stands behind it is none of what it takes.
    Wrong { name: &'static str, value: String },
    /// It stands there twice, or both in the search and in its field.
    Twice { name: &'static str },
}

/// Every action that an entry can have.
pub(super) fn actions() -> impl Iterator<Item = &'static str> {
    Event::KINDS.iter().map(|(.., action)| *action).chain(REFUSED_ACTIONS.iter().copied())
}

impl Search {
    /// Reads a search. Times are in `zone`, and counted back from `now`.
    pub fn of(text: &str, zone: &Zone, now: Instant) -> Self {
        let mut search = Self::default();
        let mut words = Vec::new();
        for token in tokens(text) {
            let value = token.value.trim();
            match token.qualifier {
                Some(name) => search.qualify(&name, value, zone, now),
                None if value.is_empty() => {}
                None => words.push(value.to_owned()),
            }
        }
        if !words.is_empty() {
            search.parameters.push(("q", words.join(" ")));
        }
        search
    }

    /// Adds what was put into a field of its own; empty fields say nothing.
    pub fn field(&mut self, name: &'static str, value: &str, zone: &Zone, now: Instant) {
        if !value.trim().is_empty() {
            self.qualify(name, value.trim(), zone, now);
        }
    }

    /// The values of a parameter.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.parameters.iter().filter(|(it, _)| *it == name).map(|(_, value)| value.as_str()).collect()
    }

    fn qualify(&mut self, name: &str, value: &str, zone: &Zone, now: Instant) {
        let Some(name) = QUALIFIERS.into_iter().find(|known| *known == name) else {
            return self.faults.push(Fault::Unknown { name: name.to_owned() });
        };
        if value.is_empty() {
            return self.faults.push(Fault::Empty { name });
        }
        if name != "action" && !self.values(name).is_empty() {
            return self.faults.push(Fault::Twice { name });
        }
        match meant(name, value, zone, now) {
            Some(values) => self.parameters.extend(values.into_iter().map(|value| (name, value))),
            None => self.faults.push(Fault::Wrong { name, value: value.to_owned() }),
        }
    }
}

/// The values that the API is to be given; none where it would take none of it.
fn meant(name: &str, value: &str, zone: &Zone, now: Instant) -> Option<Vec<String>> {
    let one = match name {
        // All that begin alike, such as `mfa.*`.
        "action" => {
            let fits = |action: &&str| match value.strip_suffix('*') {
                Some(beginning) => action.starts_with(beginning),
                None => *action == value,
            };
            let actions: Vec<_> = actions().filter(fits).map(str::to_owned).collect();
            return Some(actions).filter(|actions| !actions.is_empty());
        }
        "outcome" => value.parse::<Outcome>().ok()?.name().to_owned(),
        "ip" => value.parse::<IpAddr>().ok()?.to_string(),
        "since" | "until" => zone.said(value, now)?.to_string(),
        _ => value.to_owned(),
    };
    Some(vec![one])
}

struct Token {
    qualifier: Option<String>,
    value: String,
}

/// The parts between blanks; quotes hold blanks and colons together.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut token = Token { qualifier: None, value: String::new() };
    let (mut quoted, mut began) = (false, false);
    for letter in text.chars() {
        match letter {
            '"' => (quoted, began) = (!quoted, true),
            blank if blank.is_whitespace() && !quoted => {
                if began {
                    tokens
                        .push(std::mem::replace(&mut token, Token { qualifier: None, value: String::new() }));
                }
                began = false;
            }
            ':' if !quoted && token.qualifier.is_none() && is_name(&token.value) => {
                token.qualifier = Some(std::mem::take(&mut token.value));
            }
            other => {
                token.value.push(other);
                began = true;
            }
        }
    }
    if began {
        tokens.push(token);
    }
    tokens
}

/// Whether it is written like a qualifier: times such as `10:30` and addresses are not.
fn is_name(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && !is_hex(text)
}

/// The beginning of an IPv6 address.
fn is_hex(text: &str) -> bool {
    text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Search {
        Search::of(text, &Zone::utc(), Instant::from_unix_ms(1_777_885_200_000))
    }

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let search = of(text);
        assert_eq!(search.faults, [], "{text}");
        search.parameters
    }

    fn pairs(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn qualifiers_become_parameters_and_the_rest_is_words() {
        let search = found("action:mfa.reset  lost actor:jane since:7d phone");
        let expected = [
            ("action", "mfa.reset"),
            ("actor", "jane"),
            ("since", "2026-04-27T09:00:00.000Z"),
            ("q", "lost phone"),
        ];
        assert_eq!(search, pairs(&expected));
        assert_eq!(found("  "), pairs(&[]));
        assert_eq!(found("\" \"\""), pairs(&[]));
        assert_eq!(found("outcome:refused ip:::1"), pairs(&[("outcome", "refused"), ("ip", "::1")]));
        assert_eq!(found("until:2026-05-04"), pairs(&[("until", "2026-05-04T00:00:00.000Z")]));
    }

    #[test]
    fn quotes_hold_blanks_and_colons() {
        assert_eq!(found("actor:\"Jane Doe\""), pairs(&[("actor", "Jane Doe")]));
        assert_eq!(found("\"no:qualifier\""), pairs(&[("q", "no:qualifier")]));
        assert_eq!(found("10:30 2001:db8::1 fe80::1 a:b"), pairs(&[("q", "10:30 2001:db8::1 fe80::1 a:b")]));
        assert_eq!(found("\"left open"), pairs(&[("q", "left open")]));
    }

    #[test]
    fn several_actions_are_any_of_them() {
        assert_eq!(
            found("action:mfa.reset action:mfa.reset_refused"),
            pairs(&[("action", "mfa.reset"), ("action", "mfa.reset_refused")])
        );
        let all = of("action:mfa.reset*");
        assert_eq!(all.values("action"), ["mfa.reset", "mfa.reset_refused"]);
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (text, fault) in [
            ("akteur:jane", Fault::Unknown { name: "akteur".to_owned() }),
            ("actor: jane", Fault::Empty { name: "actor" }),
            ("actor:\"\"", Fault::Empty { name: "actor" }),
            ("action:mfa.rest", Fault::Wrong { name: "action", value: "mfa.rest".to_owned() }),
            ("outcome:good", Fault::Wrong { name: "outcome", value: "good".to_owned() }),
            ("since:never", Fault::Wrong { name: "since", value: "never".to_owned() }),
            ("ip:home", Fault::Wrong { name: "ip", value: "home".to_owned() }),
            ("actor:a actor:b", Fault::Twice { name: "actor" }),
        ] {
            assert_eq!(of(text).faults, [fault], "{text}");
        }
        let mut both = of("actor:jane");
        both.field("actor", "", &Zone::utc(), Instant::default());
        assert_eq!(both.faults, []);
        both.field("actor", "joe", &Zone::utc(), Instant::default());
        assert_eq!(both.faults, [Fault::Twice { name: "actor" }]);
    }

    mod anything {
        use proptest::prelude::*;

        use super::*;

        proptest! {
            #[test]
            fn never_panics_and_knows_its_parameters(text in "\\PC{0,80}") {
                let search = of(&text);
                for (name, value) in search.parameters {
                    prop_assert!(name == "q" || QUALIFIERS.contains(&name));
                    prop_assert!(!value.is_empty());
                }
            }
        }
    }
}
