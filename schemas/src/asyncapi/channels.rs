//! Which subjects there are: a channel for each shape of a subject that an event can have.

use crate::event::REFUSED_ACTIONS;
use crate::subject::{EVENTS, ONLY, event};

/// The action that stands for all refusals in the registry of events.
pub(super) const REFUSED: &str = "command.refused";

/// Every kind of stream; where there are many of a kind, what their ids are and one of them.
const KINDS: &[(&str, Option<(&str, &str)>)] = &[
    ("administrator", Some(("Id of the administrator", "adm_01h455vb4pex5vsknk084sn02q"))),
    ("alert", Some(("Id of the alert", "alr_01h455vb4pex5vsknk084sn02q"))),
    ("directory", None),
    ("ledger", None),
    ("role", Some(("Name of the role", "help-desk"))),
    ("rule", Some(("Name of the alert rule", "many-resets"))),
    ("service-account", Some(("Id of the service account", "sva_01h455vb4pex5vsknk084sn02q"))),
    ("settings", None),
    ("strangers", None),
    ("webhook", Some(("Id of the webhook", "whk_01h455vb4pex5vsknk084sn02q"))),
];

/// A channel: the subjects of one kind of event, as far as they differ in nothing but their parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The action in the registry of events.
    pub action: &'static str,
    /// Kinds of streams that it happens in: at least one.
    pub kinds: Vec<&'static str>,
    /// What the last part of the subject can be: at least one.
    pub events: Vec<String>,
}

impl Channel {
    /// Every channel of this action.
    pub fn of(action: &'static str) -> Vec<Self> {
        let kinds = kinds_of(action);
        if action == REFUSED {
            let mut events: Vec<_> = kinds.iter().flat_map(|kind| refused(kind)).collect();
            events.sort();
            events.dedup();
            return vec![Self { action, kinds, events }];
        }
        let mut channels: Vec<Self> = Vec::new();
        for kind in kinds {
            let event = event(kind, action);
            match channels.iter_mut().find(|it| it.events[0] == event && it.has_ids() == has_ids(kind)) {
                Some(channel) => channel.kinds.push(kind),
                None => channels.push(Self { action, kinds: vec![kind], events: vec![event] }),
            }
        }
        channels
    }

    /// Its name: the action, with the kind behind it where the action has another channel.
    pub fn name(&self) -> String {
        if *self == Self::of(self.action)[0] {
            self.action.to_owned()
        } else {
            format!("{}.{}", self.action, self.kinds.join("."))
        }
    }

    /// The subject, with parameters in braces.
    pub fn address(&self) -> String {
        let kind = one(&self.kinds).map_or("{kind}", |kind| *kind);
        let id = if self.has_ids() { "{id}" } else { ONLY };
        let event = one(&self.events).map_or("{event}", String::as_str);
        format!("{EVENTS}.{kind}.{id}.{event}")
    }

    /// What the ids are, with one for each kind.
    pub fn ids(&self) -> Vec<(&'static str, &'static str)> {
        self.kinds.iter().filter_map(|kind| ids_of(kind)).collect()
    }

    /// Whether the id is a parameter.
    pub fn has_ids(&self) -> bool {
        self.kinds.iter().any(|kind| has_ids(kind))
    }
}

fn one<T>(all: &[T]) -> Option<&T> {
    if let [it] = all { Some(it) } else { None }
}

fn has_ids(kind: &str) -> bool {
    ids_of(kind).is_some()
}

fn ids_of(kind: &str) -> Option<(&'static str, &'static str)> {
    KINDS.iter().find(|(known, _)| *known == kind)?.1
}

fn refused(kind: &str) -> Vec<String> {
    REFUSED_ACTIONS.iter().chain([&REFUSED]).map(|action| event(kind, action)).collect()
}

/// The kinds of streams that an event can be in. What the action does not tell is in the administrator's.
fn kinds_of(action: &str) -> Vec<&'static str> {
    match action {
        "role.assigned" => vec!["administrator"],
        "administrator.registered" => vec!["directory"],
        "administrator.changed" => vec!["administrator", "directory"],
        "activity.read" | "activity.exported" | "reset.reported_suspicious" => {
            vec!["administrator", "service-account", "directory"]
        }
        "session.failed" => vec!["administrator", "strangers"],
        "log.loss_accepted" | "log.restored" | "log.signing_key_rotated" | "vault.loss_accepted" => {
            vec!["ledger"]
        }
        REFUSED => KINDS.iter().map(|(kind, _)| *kind).collect(),
        _ => {
            let about = action.split('.').next().unwrap_or(action).replace('_', "-");
            let own = KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == about);
            vec![own.unwrap_or("administrator")]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    fn addresses(action: &'static str) -> Vec<String> {
        Channel::of(action).iter().map(Channel::address).collect()
    }

    #[test]
    fn addresses_are_as_narrow_as_the_subjects() {
        assert_eq!(addresses("mfa.reset"), ["mfa.v1.administrator.{id}.mfa_reset"]);
        assert_eq!(
            addresses("administrator.changed"),
            ["mfa.v1.administrator.{id}.changed", "mfa.v1.directory._.administrator_changed"]
        );
        assert_eq!(
            addresses("session.failed"),
            ["mfa.v1.administrator.{id}.session_failed", "mfa.v1.strangers._.session_failed"]
        );
        assert_eq!(
            addresses("activity.read"),
            ["mfa.v1.{kind}.{id}.activity_read", "mfa.v1.directory._.activity_read"]
        );
        assert_eq!(addresses("service_account.created"), ["mfa.v1.service-account.{id}.created"]);
        assert_eq!(addresses("role.assigned"), ["mfa.v1.administrator.{id}.role_assigned"]);
        assert_eq!(addresses("settings.changed"), ["mfa.v1.settings._.changed"]);
        assert_eq!(addresses(REFUSED), ["mfa.v1.{kind}.{id}.{event}"]);
    }

    #[test]
    fn no_two_channels_have_one_name_or_one_address() {
        let channels: Vec<_> = Event::KINDS.iter().flat_map(|(.., action)| Channel::of(action)).collect();
        let mut names: Vec<_> = channels.iter().map(Channel::name).collect();
        let mut addresses: Vec<_> = channels.iter().map(Channel::address).collect();
        for all in [&mut names, &mut addresses] {
            all.sort();
            all.dedup();
            assert_eq!(all.len(), channels.len());
        }
    }
}
