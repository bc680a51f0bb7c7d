//! `/v1/activity`.

use std::collections::BTreeMap;

use mfa_ledger_api::activity::EntryWords;
use mfa_ledger_schemas::record::{Actor, Origin, Target};
use mfa_ledger_schemas::{Instant, Outcome, Position};
use serde::Deserialize;
use serde_json::Value;

/// An entry.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    pub position: Position,
    pub id: String,
    pub time: Instant,
    pub action: String,
    pub outcome: Outcome,
    pub code: Option<String>,
    pub actor: Actor,
    pub target: Option<Target>,
    pub origin: Origin,
    pub request: String,
    pub stream: String,
    pub void: bool,
    pub details: Value,
    pub words: Option<EntryWords>,
}

impl Entry {
    /// Every fact of the event by its path, such as `story.ticket`; what is not there is left out.
    pub fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        flat(String::new(), &self.details, &mut facts);
        facts
    }
}

fn flat(path: String, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flat(path, value, into);
            }
        }
        Value::Null => {}
        other => {
            into.insert(path, plain(other));
        }
    }
}

/// A value as people read it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "\u{2013}".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => plain(&Value::Null),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
impl Entry {
    /// A reset, by somebody whose name tries to be more than that.
    pub fn sample(position: u64) -> Self {
        use mfa_ledger_schemas::{ActorKind, AdministratorId};
        let role: mfa_ledger_schemas::RoleId = "help-desk".parse().expect("a role id");
        Self {
            position: Position(position),
            id: "evt_01h455vb4pex5vsknk084sn02q".to_owned(),
            time: Instant::from_unix_ms(1_777_885_200_000),
            action: if position.is_multiple_of(2) { "mfa.reset" } else { "mfa.reset_refused" }.to_owned(),
            outcome: if position.is_multiple_of(2) { Outcome::Success } else { Outcome::Refused },
            code: Some("self-reset".to_owned()),
            actor: Actor {
                kind: ActorKind::Administrator,
                administrator: Some(AdministratorId::from_bytes([1; 16])),
                service_account: None,
                name: "<script>alert(1)</script>".to_owned(),
                role: Some(role.clone()),
                session: None,
            },
            target: Some(Target {
                administrator: AdministratorId::from_bytes([2; 16]),
                user_name: "=cmd()".to_owned(),
                role,
                super_admin: false,
            }),
            origin: Origin {
                address: Some("192.0.2.1".to_owned()),
                user_agent: Some("<b>browser</b>".to_owned()),
            },
            request: "0123".to_owned(),
            stream: "administrator/adm_x".to_owned(),
            void: position.is_multiple_of(5),
            details: serde_json::json!({"story": {"ticket": "<i>HD-1</i>", "reason": null}, "left": [1, 2]}),
            words: Some(EntryWords {
                requester_name: Some("Dana".to_owned()),
                requester_contact: None,
                text: Some("</pre><script>alert(1)</script>".to_owned()),
                unreadable: true,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_an_event_have_paths_and_no_nulls() {
        let facts: Vec<_> = Entry::sample(2).facts().into_iter().collect();
        let expected = [("left", "1, 2"), ("story.ticket", "<i>HD-1</i>")];
        assert_eq!(facts, expected.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }
}
