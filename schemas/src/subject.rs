//! The NATS subject of a record: `mfa.v1.<stream kind>.<id>.<event>`.
//!
//! | part | what it is |
//! |---|---|
//! | stream kind | [`StreamName::kind`] |
//! | id | the id of the stream; `_` for streams of which there is only one |
//! | event | the action, with `_` for dots, and without the kind where it begins with it |
//!
//! `mfa.v1.administrator.adm_01j….mfa_reset`, `mfa.v1.alert.alr_01j….raised`, `mfa.v1.settings._.changed`.

use crate::{LedgerId, StreamName};

/// What all subjects of events begin with; a new major version begins otherwise.
pub const EVENTS: &str = "mfa.v1";

/// What all subjects of checkpoints begin with.
pub const CHECKPOINTS: &str = "mfa-cp.v1";

/// The id of a stream of which there is only one.
pub const ONLY: &str = "_";

/// The subject of an event with this action in this stream.
pub fn of_event(stream: &StreamName, action: &str) -> String {
    let (kind, name) = (stream.kind(), stream.to_string());
    let id = name.split_once('/').map_or(ONLY, |(_, id)| id);
    format!("{EVENTS}.{kind}.{id}.{}", event(kind, action))
}

/// The last part of the subject of an event with this action in a stream of this kind.
pub fn event(kind: &str, action: &str) -> String {
    let own = kind.replace('-', "_");
    let event = action.strip_prefix(&own).and_then(|rest| rest.strip_prefix('.')).unwrap_or(action);
    event.replace('.', "_")
}

/// The subject of a ledger's checkpoints.
pub fn of_checkpoint(ledger: LedgerId) -> String {
    format!("{CHECKPOINTS}.{ledger}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdministratorId, AlertId, Event, RoleId, ServiceAccountId};

    #[test]
    fn subjects_name_kind_id_and_event() {
        let id = AdministratorId::from_bytes([1; 16]);
        let administrator = StreamName::Administrator(id);
        assert_eq!(of_event(&administrator, "mfa.reset"), format!("mfa.v1.administrator.{id}.mfa_reset"));
        let changed = of_event(&administrator, "administrator.changed");
        assert_eq!(changed, format!("mfa.v1.administrator.{id}.changed"));
        let id = AlertId::from_bytes([2; 16]);
        let raised = of_event(&StreamName::Alert(id), "alert.raised");
        assert_eq!(raised, format!("mfa.v1.alert.{id}.raised"));
        let id = ServiceAccountId::from_bytes([3; 16]);
        let created = of_event(&StreamName::ServiceAccount(id), "service_account.created");
        assert_eq!(created, format!("mfa.v1.service-account.{id}.created"));
        let registered = of_event(&StreamName::Directory, "administrator.registered");
        assert_eq!(registered, "mfa.v1.directory._.administrator_registered");
        assert_eq!(of_event(&StreamName::Settings, "settings.changed"), "mfa.v1.settings._.changed");
        let role = StreamName::Role(RoleId::system_administrator());
        assert_eq!(of_event(&role, "role.defined"), "mfa.v1.role.system-administrator.defined");
    }

    #[test]
    fn no_action_breaks_a_subject() {
        for (_, _, action) in Event::KINDS {
            let subject = of_event(&StreamName::Ledger, action);
            assert_eq!(subject.split('.').count(), 5, "{subject}");
            assert!(
                subject.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it)),
                "{subject}"
            );
        }
    }
}
