//! What lies sealed in the vault beside the log: personal data, and text in somebody's own words. The log holds a
//! commitment to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Instant;

/// Display name and e-mail addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// The display name.
    pub display_name: String,
    /// The e-mail addresses. A notice goes to all of them.
    pub emails: Vec<String>,
    /// Addresses that were taken away; notices of a reset go to them for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerAddress>,
}

impl Personal {
    /// Of a new account.
    pub fn new(display_name: String, emails: Vec<String>) -> Self {
        Self { display_name, emails, former: Vec::new() }
    }
}

/// An e-mail address that was one of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAddress {
    /// The address.
    pub email: String,
    /// Until when notices of a reset go to it.
    pub until: Instant,
}

/// The words of a reset, report, follow-up or note. What was not given is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Words {
    pub requester_name: Option<String>,
    pub requester_contact: Option<String>,
    /// Reason, note or description.
    pub text: Option<String>,
}

impl Words {
    /// A text alone.
    pub fn text(text: String) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    /// Whether everything that is given here is the same there.
    pub fn agrees_with(&self, whole: &Self) -> bool {
        let Self { requester_name, requester_contact, text } = self;
        [
            (requester_name, &whole.requester_name),
            (requester_contact, &whole.requester_contact),
            (text, &whole.text),
        ]
        .iter()
        .all(|(given, whole)| given.is_none() || given == whole)
    }

    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
