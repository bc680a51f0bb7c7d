//! The body of commands that take a note and nothing else.

use serde::Deserialize;
use utoipa::ToSchema;

use super::text::Text;

/// A note for the record, kept sealed beside the log.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    #[schema(nullable = false)]
    note: Option<Text>,
}

impl Note {
    pub fn into_text(self) -> Option<String> {
        self.note.map(Text::into_inner)
    }
}
