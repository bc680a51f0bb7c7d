//! What a caller wants of a list: which entries, how many, behind which one, in which form.

use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;
use mfa_ledger_api::page::{DEFAULT_LIMIT, MOST, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::App;
use super::cursor::{Cursor, Mark, behind};
use super::list::{Format, answer};
use super::problem::Problem;
use super::query::Params;

/// The query parameters of a list: those that filter, `limit` and `after`.
pub(crate) trait ListParams: DeserializeOwned + Send {
    /// What a page ends with.
    type Mark: Mark;

    /// `limit` and `after`, as given.
    fn limit_and_after(&self) -> (Option<u32>, Option<Cursor<Self::Mark>>);
}

/// Declares the parameters of a list whose pages end as a cursor says. `list Name` adds `limit` and `after` behind
/// those that filter, `ids Name` has nothing else; without such a word they are given like the others.
macro_rules! list_params {
    (
        $(#[$doc:meta])* list $name:ident by $cursor:ident {
            $($(#[$attr:meta])* $field:ident: $type:ty,)*
        } $({ $($(#[$last_attr:meta])* $last:ident: $last_type:ty,)* })?
    ) => {
        $crate::list_query::list_params! {
            $(#[$doc])*
            $name by $cursor {
                $($(#[$attr])* $field: $type,)*
                /// Most entries of a page.
                #[param(minimum = 1, maximum = 1000, default = 100)]
                limit: u32,
                /// The cursor: `next` of the page before.
                #[param(inline)]
                after: $cursor,
                $($($(#[$last_attr])* $last: $last_type,)*)?
            }
        }
    };
    ($(#[$doc:meta])* ids $name:ident by $cursor:ident) => {
        $crate::list_query::list_params! {
            $(#[$doc])*
            $name by $cursor {
                /// Entries of a page, 1 to 1000; 100 when not given.
                #[param(minimum = 1, maximum = 1000)]
                limit: u32,
                /// The cursor: `next` of the page before, or the id of an entry.
                #[param(inline)]
                after: $cursor,
            }
        }
    };
    ($(#[$doc:meta])* $name:ident by $cursor:ident { $($fields:tt)* }) => {
        $crate::query::params! {
            $(#[$doc])*
            $name { $($fields)* }
        }

        impl $crate::list_query::ListParams for $name {
            type Mark = <$cursor as $crate::cursor::Behind>::Mark;

            fn limit_and_after(&self) -> (Option<u32>, Option<$cursor>) {
                (self.limit, self.after.clone())
            }
        }
    };
}

pub(crate) use list_params;

/// A page of a list, as a caller wants it.
pub(crate) struct ListQuery<P: ListParams> {
    /// Which entries.
    pub wanted: P,
    /// Most entries of the page.
    pub limit: usize,
    /// What the page before ended with.
    pub after: Option<P::Mark>,
    pub uri: Uri,
    format: Format,
}

impl<P: ListParams> FromRequestParts<App> for ListQuery<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Params(wanted) = Params::<P>::of(&parts.uri).await?;
        let (limit, after) = wanted.limit_and_after();
        let (limit, after) = bounds(app, limit, after)?;
        Ok(Self { wanted, limit, after, uri: parts.uri.clone(), format: Format::of(&parts.headers) })
    }
}

impl<P: ListParams> ListQuery<P> {
    /// The first page, in JSON.
    pub fn first(wanted: P) -> Self {
        Self { wanted, limit: DEFAULT_LIMIT, after: None, uri: Uri::default(), format: Format::Json }
    }

    /// Whether an entry of a list in ascending order stands behind the page before.
    pub fn is_behind(&self, mark: &P::Mark) -> bool
    where
        P::Mark: Ord,
    {
        self.after.as_ref().is_none_or(|after| mark > after)
    }

    /// Entries to look for: one more tells whether more follow.
    pub fn most(&self) -> usize {
        self.limit + 1
    }

    /// The page, of the entries that were found and what each leaves as mark.
    pub fn page<T, M: Display>(&self, app: &App, found: Vec<T>, mark: impl FnOnce(&T) -> M) -> Page<T> {
        Page::of(found, self.limit, |last| behind(app, mark(last)))
    }

    /// The answer: a page in the wanted form.
    pub fn send<T: Serialize>(&self, page: Page<T>, columns: &[&str]) -> Response {
        answer(self.format, page, columns, &self.uri)
    }

    /// Both in one.
    pub fn answer<T: Serialize, M: Display>(
        &self,
        app: &App,
        found: Vec<T>,
        columns: &[&str],
        mark: impl FnOnce(&T) -> M,
    ) -> Response {
        self.send(self.page(app, found, mark), columns)
    }
}

/// How many entries, never silently changed, behind which one.
pub(crate) fn bounds<M: Mark>(
    app: &App,
    given: Option<u32>,
    after: Option<Cursor<M>>,
) -> Result<(usize, Option<M>), Problem> {
    Ok((limit(given)?, after.map(|cursor| cursor.mark(app)).transpose()?))
}

fn limit(given: Option<u32>) -> Result<usize, Problem> {
    let limit = given.map_or(DEFAULT_LIMIT, |given| usize::try_from(given).unwrap_or(usize::MAX));
    if (1..=MOST).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::parameter("limit", format!("1 to {MOST}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_1_to_1000_and_100_by_default() {
        assert_eq!(limit(None).ok(), Some(100));
        assert_eq!(limit(Some(1)).ok(), Some(1));
        assert_eq!(limit(Some(1_000)).ok(), Some(1_000));
        assert!(limit(Some(0)).is_err() && limit(Some(1_001)).is_err());
    }
}
