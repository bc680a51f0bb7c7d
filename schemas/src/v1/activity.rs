//! Who looked at the activity log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::body::Body;

/// A caller read the activity log in this minute, once or many times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActivityRead {
    /// The minute's beginning.
    pub minute: Instant,
    /// The filters of the first read, as a query string.
    pub query: String,
}

impl Body for ActivityRead {}

/// A caller exported the activity log in this minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActivityExported {
    /// The minute's beginning.
    pub minute: Instant,
    /// The media type of the export.
    pub format: String,
    /// The filters, as a query string.
    pub query: String,
}

impl Body for ActivityExported {}
