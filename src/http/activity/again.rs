//! Pages that stay once they were asked for: dashboards and collectors ask the same question again and again. A page
//! that is there is given again only while it is what the log would be searched for; the right to it, and the record
//! of the reading, are asked for every time. Words can be erased: a page that has any is kept without them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::response::Response;
use mfa_ledger_ledger::service::Found;
use mfa_ledger_projections::{ActivityFilter, Order, State};
use mfa_ledger_schemas::Position;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::entry::Rendered;
use super::form::{Form, json};
use crate::list::with_link;
use crate::{App, Problem};

/// Bytes of pages that stay; the ones asked for least go first.
pub(crate) const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// Larger pages are somebody's walk through the log: nobody asks for them again.
pub(super) const LARGEST: usize = 256 * 1024;

/// What one page takes, about.
const PAGE_BYTES: u64 = 48 * 1024;

/// Pages by what was asked, as it stands in the address.
pub(crate) type KeptPages = Cache<Box<str>, Arc<Again>, Taken>;

/// None yet.
pub(crate) fn none() -> KeptPages {
    let about = usize::try_from(KEPT_BYTES / PAGE_BYTES).unwrap_or(usize::MAX);
    Cache::with_weighter(about, KEPT_BYTES, Taken)
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub filter: ActivityFilter,
    pub order: Order,
    pub after: Option<Position>,
    pub limit: usize,
}

/// A page that was found.
#[derive(Debug)]
pub(crate) struct Again {
    pub found: Found,
    pub body: Body,
    question: Question,
    /// Where the next page is, as the header says it.
    link: Option<HeaderValue>,
    /// The position that the log was searched up to, or that nothing more was found up to.
    searched: AtomicU64,
}

/// The JSON of a page.
#[derive(Debug)]
pub(crate) enum Body {
    /// All of it.
    Whole(Bytes),
    /// Its entries, which are to be written with the words that there still are.
    Entries(Vec<Arc<Rendered>>),
}

impl Again {
    /// A page that was found when the log had come to a position, or later.
    pub fn new(
        question: Question,
        found: Found,
        body: Body,
        link: Option<HeaderValue>,
        searched: Position,
    ) -> Self {
        Self { found, body, question, link, searched: AtomicU64::new(searched.0) }
    }

    /// Whether a search would find the same.
    pub fn holds(&self, state: &State) -> bool {
        let (searched, now) = (Position(self.searched.load(Ordering::Relaxed)), state.position());
        if searched == now || self.is_settled(searched) {
            return true;
        }
        let filter = &self.question.filter;
        // What lies sealed is not found here.
        if !filter.words.is_empty() {
            return false;
        }
        let nothing_new =
            state.activity.page(filter, Order::Ascending, Some(searched), 1).positions.is_empty();
        if nothing_new {
            self.searched.fetch_max(now.0, Ordering::Relaxed);
        }
        nothing_new
    }

    /// The answer, with the words that there still are.
    pub fn answer(&self, app: &App) -> Result<Response, Problem> {
        let body = match &self.body {
            Body::Whole(body) => body.clone(),
            Body::Entries(entries) => json(app, &self.found, entries)?.into(),
        };
        Ok(with_link(Form::JSON.media_type(), body, self.link.clone()))
    }

    /// Whether nothing that is yet to come belongs to it.
    fn is_settled(&self, searched: Position) -> bool {
        match self.question.order {
            Order::Ascending => self.found.has_more,
            Order::Descending => self.question.after.is_some_and(|after| after <= searched),
        }
    }
}

/// A page weighs what it takes in memory. Entries are those that stay anyway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken;

impl Weighter<Box<str>, Arc<Again>> for Taken {
    fn weight(&self, asked: &Box<str>, page: &Arc<Again>) -> u64 {
        let body = match &page.body {
            Body::Whole(body) => body.len(),
            Body::Entries(entries) => entries.iter().map(|entry| entry.bytes()).sum(),
        };
        (size_of::<Again>() + asked.len() + size_of_val(page.found.positions.as_slice()) + body) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(order: Order, after: Option<Position>) -> Question {
        Question { filter: ActivityFilter::default(), order, after, limit: 50 }
    }

    #[test]
    fn so_many_bytes_of_pages_stay_and_no_more() {
        let pages = none();
        for asked in 0..200 {
            let body = Body::Whole(vec![b'x'; LARGEST].into());
            let page =
                Again::new(question(Order::Ascending, None), Found::default(), body, None, Position(1));
            pages.insert(format!("after={asked}").into(), Arc::new(page));
            assert!(pages.weight() <= KEPT_BYTES);
        }
        assert!(pages.weight() > KEPT_BYTES / 2 && pages.len() < 200, "{}", pages.weight());
    }

    #[test]
    fn only_what_lies_behind_it_settles_a_page() {
        let settled = |has_more, order, after| {
            let found = Found { has_more, ..Found::default() };
            let body = Body::Entries(Vec::new());
            Again::new(question(order, after), found, body, None, Position(9)).is_settled(Position(9))
        };
        assert!(settled(true, Order::Ascending, None));
        assert!(!settled(false, Order::Ascending, Some(Position(3))));
        assert!(settled(false, Order::Descending, Some(Position(9))));
        assert!(!settled(true, Order::Descending, Some(Position(10))));
        assert!(!settled(true, Order::Descending, None));
    }
}
