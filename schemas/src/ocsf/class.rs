//! Which class and activity an action is.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    DetectionFinding,
    AccountChange,
    Authentication,
    EntityManagement,
}

impl Class {
    pub fn uid(self) -> u32 {
        match self {
            Self::DetectionFinding => 2004,
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::EntityManagement => 3004,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::DetectionFinding => "Detection Finding",
            Self::AccountChange => "Account Change",
            Self::Authentication => "Authentication",
            Self::EntityManagement => "Entity Management",
        }
    }

    pub fn category(self) -> u32 {
        self.uid() / 1_000
    }

    pub fn category_name(self) -> &'static str {
        if self == Self::DetectionFinding { "Findings" } else { "Identity & Access Management" }
    }
}

/// Where an action stands in OCSF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub class: Class,
    pub activity: u32,
    /// Its name there; that of the action where OCSF has none.
    name: Option<&'static str>,
    /// Whether it is about a second factor.
    pub is_mfa: bool,
}

impl Place {
    pub fn activity_name<'a>(&self, action: &'a str) -> &'a str {
        self.name.unwrap_or(action)
    }
}

/// The place of an action. A refused command has that of the action that it attempted.
pub(super) fn place(action: &str) -> Place {
    let attempted = action.strip_suffix("_refused");
    let action = attempted.unwrap_or(action);
    account(action).or_else(|| session(action)).or_else(|| finding(action)).unwrap_or_else(|| entity(action))
}

fn account(action: &str) -> Option<Place> {
    let (activity, name) = match action {
        "administrator.registered" | "administrator.register" => (1, Some("Create")),
        "administrator.reactivated" | "administrator.reactivate" => (2, Some("Enable")),
        "password.set" => (3, Some("Password Change")),
        "password.reset" => (4, Some("Password Reset")),
        "administrator.deactivated" | "administrator.deactivate" => (5, Some("Disable")),
        "reset.repudiated" | "reset.repudiate" => (9, Some("Lock")),
        "mfa.enabled" | "mfa.confirm" => (10, Some("MFA Factor Enable")),
        "mfa.disabled" | "mfa.disable" | "mfa.reset" => (11, Some("MFA Factor Disable")),
        _ => {
            let rooms = ["administrator.", "password.", "mfa.", "backup_codes.", "reset.", "personal_data."];
            let about_somebody =
                rooms.iter().any(|room| action.starts_with(room)) || action.starts_with("role.assign");
            return about_somebody.then_some(Place {
                class: Class::AccountChange,
                activity: 99,
                name: None,
                is_mfa: false,
            });
        }
    };
    Some(Place { class: Class::AccountChange, activity, name, is_mfa: false })
}

fn session(action: &str) -> Option<Place> {
    let (activity, name) = match action {
        "session.ended" | "session.end" | "sessions.revoked" | "sessions.revoke" => (2, "Logoff"),
        _ if ["session.", "second_factor.", "backup_code."].iter().any(|room| action.starts_with(room)) => {
            (1, "Logon")
        }
        _ => return None,
    };
    let is_mfa = !action.starts_with("session");
    Some(Place { class: Class::Authentication, activity, name: Some(name), is_mfa })
}

fn finding(action: &str) -> Option<Place> {
    let (activity, name) = match action {
        "alert.raised" => (1, "Create"),
        "alert.acknowledged" => (2, "Update"),
        "alert.resolved" => (3, "Close"),
        _ => return None,
    };
    Some(Place { class: Class::DetectionFinding, activity, name: Some(name), is_mfa: false })
}

fn entity(action: &str) -> Place {
    let verb = action.split_once('.').map_or(action, |(_, verb)| verb);
    let (activity, name) = match verb {
        "created" | "create" | "defined" | "define" | "recorded" | "record" => (1, "Create"),
        "read" | "exported" | "export" => (2, "Read"),
        "removed" | "remove" | "revoked" | "revoke" => (4, "Delete"),
        _ => (3, "Update"),
    };
    Place { class: Class::EntityManagement, activity, name: Some(name), is_mfa: false }
}
