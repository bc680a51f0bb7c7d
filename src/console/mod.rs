//! The console: pages for the help desk and the auditor, a client of the API in the same process.
//!
//! Every page asks the API with its viewer's session, so that each right, rule, record and refusal is the
//! API's own, and no page can show what its viewer may not see. Nothing here needs a script.

mod api;
mod around;
mod assets;
mod chart;
mod facts;
mod flash;
mod form;
mod frame;
mod html;
mod nav;
mod pages;
mod past;
mod preferences;
mod proof;
#[cfg(test)]
mod samples;
mod texts;
mod visit;
mod zone;

#[cfg(test)]
mod checked;

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use mfa_ledger_base::clock::Clock;

pub(crate) use api::{Api, Asking, Command, Trouble, with_query};
pub(crate) use form::{Code, Form, Keyed, SecretForm, Wrong, chosen, given};
pub(crate) use frame::Frame;
pub(crate) use html::{Html, page, see_other};
pub(crate) use texts::{fill, named, words};
pub(crate) use visit::{Id, Inside, MY_PROFILE, Visit};
pub(crate) use zone::Zone;

/// Where the console begins.
pub const HOME: &str = "/console";

/// Longest form, in bytes; as long as the API's longest body.
pub const FORM_BYTES: usize = 64 * 1024;

/// What every page is given.
#[derive(Clone)]
pub(crate) struct Console {
    pub api: Api,
    pub clock: Arc<Clock>,
}

/// The pages under `/console`, and `/`, which leads there. `api` is the whole API, `clock` its clock, and
/// `public_origin` where browsers find them when a proxy says another host.
pub fn router(api: Router, clock: Arc<Clock>, public_origin: Option<&str>) -> Router {
    let console = Console { api: Api::new(api), clock };
    let pages = pages::router().merge(preferences::router()).merge(assets::router());
    let start = Router::new().route("/", get(|| async { Redirect::to(HOME) }));
    start.merge(around::around(pages, &console, public_origin).with_state(console))
}
