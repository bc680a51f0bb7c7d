//! `/console/me`: role and permissions, security, sessions. Whoever must enroll finds nothing else open.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::me::Profile;
use mfa_ledger_schemas::{MfaStatus, SessionStage};

use mfa_ledger_api::activity::Entry;

use crate::visit::Enrolling;
use crate::{Console, Frame, MY_PROFILE, Trouble, page, with_query, words};
use mfa_ledger_api::page::Page as List;

words! {
    title forced_title forced name emails role permissions permissions_none super_administrator
    security status required required_yes required_no enrolled_at last_used codes_left pending_until enable
    continue_enrolling give_up new_codes disable unavailable recommend low password password_change
    password_expires sessions session_current sessions_hint end_sessions activity activity_hint activity_when
    activity_what activity_whom activity_outcome activity_show
}

#[derive(Template)]
#[template(path = "pages/me/show.html")]
struct Page {
    frame: Frame,
    me: Profile,
    /// What they did last.
    entries: Vec<Entry>,
}

/// How much of it is shown.
const SHOWN: &str = "10";

pub(super) fn routes() -> Router<Console> {
    Router::new().route(MY_PROFILE, get(show))
}

async fn show(Enrolling { visit, me }: Enrolling) -> Result<Response, Trouble> {
    let recent = visit.api.get::<List<Entry>>(&with_query("/v1/me/activity", &[("limit", SHOWN)])).await?;
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, me, entries: recent.data }))
}

impl Page {
    fn is_forced(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(|viewer| viewer.stage == SessionStage::Enroll)
    }

    fn is_enabled(&self) -> bool {
        self.me.mfa.status == MfaStatus::Enabled
    }

    fn is_pending(&self) -> bool {
        self.me.mfa.status == MfaStatus::Pending
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_schemas::{Factor, Instant};

    let draw = |stage, change: &dyn Fn(&mut Profile)| {
        let mut frame = Frame::sample(lang);
        if let Some(viewer) = &mut frame.viewer {
            viewer.stage = stage;
            viewer.password_change_due = true;
        }
        let mut me = crate::samples::profile();
        change(&mut me);
        let entries = (1..=3).map(crate::samples::entry).collect();
        Page { frame, me, entries }.render().expect("it renders")
    };
    vec![
        draw(SessionStage::Done, &|_| {}),
        draw(SessionStage::Enroll, &|me| me.mfa.required = true),
        draw(SessionStage::Done, &|me| me.mfa.available = false),
        draw(SessionStage::Done, &|me| {
            me.mfa.status = MfaStatus::Pending;
            me.mfa.pending_expires = Some(Instant::default());
            me.permissions.clear();
        }),
        draw(SessionStage::Done, &|me| {
            me.mfa.status = MfaStatus::Enabled;
            me.mfa.enrolled_at = Some(Instant::default());
            me.mfa.last_used = Some(mfa_ledger_api::administrators::LastUsed {
                method: Factor::Totp,
                at: Instant::default(),
            });
            (me.mfa.backup_codes_left, me.mfa.backup_codes_low) = (Some(3), true);
        }),
    ]
}
