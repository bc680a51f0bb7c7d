//! The confirmation: the name once more, what will happen, and "yes". A dialog over the form; where no scripts run,
//! a card instead of it.

use axum::response::Response;

use super::form::Page;
use super::{Case, Story};
use crate::{Frame, Wrong, fill, page, words};

words! {
    title question happens secret codes status logged without forced sessions type_name type_hint code code_hint yes
    documented
}

/// The form with the dialog, which has everything documented in hidden fields. `wrong` is what was wrong with the
/// confirmation.
pub(super) fn shown(frame: Frame, case: Case, story: Story, wrong: Wrong) -> Response {
    page(wrong.status(), &asking(frame, case, story, wrong))
}

fn asking(frame: Frame, case: Case, story: Story, wrong: Wrong) -> Page {
    let mut page = Page::of(frame, case, story, Wrong::default());
    page.confirm = Some(wrong);
    page
}

/// What the dialog asks of the page that it stands in.
impl Page {
    pub(super) fn question(&self) -> String {
        let (name, user_name) = (self.case.it.shown(), &self.case.it.user_name);
        fill(&self.frame.t.confirm.question, &[("name", &name), ("user_name", user_name)])
    }

    pub(super) fn is_required(&self) -> bool {
        self.case.it.mfa.as_ref().is_some_and(|mfa| mfa.required)
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use askama::Template as _;
    let draw = |step_up, wrong| {
        let case = Case { step_up, ..Case::sample(None) };
        asking(Frame::sample(lang), case, Story::sample(), wrong).render().expect("it renders")
    };
    vec![draw(false, Wrong::default()), draw(true, crate::samples::wrong("confirmation-required"))]
}
