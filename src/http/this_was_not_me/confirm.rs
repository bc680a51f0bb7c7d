//! `POST /this-was-not-me/{token}`: denies the reset, and freezes the account.

use axum::extract::{Path, State};
use axum::response::Response;
use mfa_ledger_ledger::service::{Caller, Link, command};
use mfa_ledger_schemas::RefusalCode;

use super::page;
use crate::{App, Meta};

pub(super) async fn confirm(State(app): State<App>, Path(token): Path<String>, meta: Meta) -> Response {
    if app.limiter.check(meta.address).is_err() {
        return page::too_many();
    }
    let reset = match app.service.notice_link(&token) {
        Link::Good(reset) => reset.position,
        Link::Used(_) => return page::used(),
        Link::Expired => return page::expired(),
        Link::Unknown => return page::unknown(),
    };
    let call = meta.call(&app, Caller::NoticeLink(reset), &[], false);
    let done = app.service.execute(call, command::RepudiateReset { reset, note: None }).await;
    app.metrics.count_command(&done);
    match done {
        Ok(Ok(done)) => page::done(&done.event, done.receipt.position),
        // Somebody was faster.
        Ok(Err(rejected)) if rejected.code() == RefusalCode::AlreadyRepudiated => page::used(),
        Ok(Err(_)) => page::unknown(),
        Err(failure) => {
            tracing::warn!(%failure, %reset, "a reset could not be denied");
            page::not_now()
        }
    }
}
