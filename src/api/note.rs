//! The body of commands that take a note and nothing else.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::text::Text;

/// A note for the record, kept sealed beside the log.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    #[schema(nullable = false)]
    pub note: Option<Text>,
}

impl Note {
    /// The note, if there is one.
    pub fn into_text(self) -> Option<String> {
        self.note.map(Text::into_inner)
    }
}
