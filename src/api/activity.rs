//! Entries of the activity log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was told in words.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EntryWords {
    pub requester_name: Option<String>,
    pub requester_contact: Option<String>,
    /// Reason, note or description.
    pub text: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}
