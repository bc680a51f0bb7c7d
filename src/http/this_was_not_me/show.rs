//! `GET /this-was-not-me/{token}`: what the button will do. Changes nothing: scanners of mail follow links.

use axum::extract::{Path, State};
use axum::response::Response;
use mfa_ledger_ledger::service::Link;

use super::page;
use crate::{App, Meta};

pub(super) async fn show(State(app): State<App>, Path(token): Path<String>, meta: Meta) -> Response {
    if app.limiter.check(meta.address).is_err() {
        return page::too_many();
    }
    match app.service.notice_link(&token) {
        Link::Good(reset) => page::question(&reset),
        Link::Used(_) => page::used(),
        Link::Expired => page::expired(),
        Link::Unknown => page::unknown(),
    }
}
