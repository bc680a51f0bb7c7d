//! The first page: who asks, how that was verified, and why.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mfa_ledger_api::problem::Problem;
use mfa_ledger_schemas::{RedFlag, ResetReason, VerificationMethod};

use super::{Case, Story};
use crate::frame::Told;
use crate::{Frame, Wrong, page, words};

words! {
    title may may_permission may_enabled may_rank may_approved may_not verify verify_intro acceptable unacceptable unacceptable_hint
    flags flags_hint suspicious document reason reason_text reason_text_hint requester_name requester_contact
    requester_contact_hint requested_at ticket bound_title bound go_on file approval security_risk retry_at
}

/// The guide's red flags; what it counts as unacceptable methods stands among those.
const FLAGS: usize = 5;

#[derive(Template)]
#[template(path = "pages/administrators/reset/form.html")]
pub(super) struct Page {
    pub frame: Frame,
    pub case: Case,
    pub story: Story,
    wrong: Wrong,
    /// Asks for a "yes" in a dialog; with what was wrong with the last one.
    pub confirm: Option<Wrong>,
    /// Why the viewer may not reset, by the very rules that would decide.
    refusal: Option<Told>,
}

/// The page, with what was typed.
pub(super) fn shown(frame: Frame, case: Case, story: Story, wrong: Wrong) -> Response {
    page(wrong.status(), &Page::of(frame, case, story, wrong))
}

impl Page {
    pub fn of(frame: Frame, case: Case, story: Story, wrong: Wrong) -> Self {
        let refusal = case.explanation.code.as_deref().map(|code| {
            frame.told(&Problem { retry_at: case.explanation.retry_at, ..Problem::new(code, StatusCode::OK) })
        });
        Self { frame, case, story, wrong, confirm: None, refusal }
    }

    /// A second person has to agree: the form files a request.
    fn needs_approval(&self) -> bool {
        matches!(self.case.explanation.code.as_deref(), Some("approval-required" | "under-suspicion"))
    }

    /// Whether there is something to fill in.
    fn has_form(&self) -> bool {
        self.case.explanation.allowed || self.needs_approval() || self.case.step_up_only()
    }

    fn action(&self) -> String {
        let way = if self.needs_approval() { "request" } else { "confirm" };
        format!("/console/administrators/{}/reset/{way}", self.case.it.id)
    }
}

impl Case {
    /// Whether nothing stands in the way but a fresh code of the viewer's own.
    fn step_up_only(&self) -> bool {
        self.explanation.code.as_deref() == Some("step-up-required")
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |code, story, wrong| {
        let page = Page::of(Frame::sample(lang), Case::sample(code), story, wrong);
        page.render().expect("it renders")
    };
    vec![
        draw(None, Story::fresh(&Case::sample(None), &Frame::sample(lang).zone), Wrong::default()),
        draw(None, Story::sample(), crate::samples::wrong("verification-unacceptable")),
        draw(Some("approval-required"), Story::sample(), Wrong::default()),
        draw(Some("super-admin-required"), Story::sample(), Wrong::default()),
    ]
}
