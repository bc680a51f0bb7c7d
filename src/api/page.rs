//! Pages of lists.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Entries of a page when the caller does not say.
pub const DEFAULT_LIMIT: usize = 100;

/// Most entries of a page.
pub const MOST: usize = 1_000;

/// A page in JSON.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Whether more follow.
    pub has_more: bool,
    /// The cursor of the next page, for `after`; also in `Link`.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` entries, out of one more where more follow; `cursor` is what `after` takes.
    pub fn of(mut data: Vec<T>, limit: usize, cursor: impl FnOnce(&T) -> String) -> Self {
        let has_more = data.len() > limit;
        data.truncate(limit);
        let next = data.last().filter(|_| has_more).map(cursor);
        Self { data, has_more, next }
    }
}
