//! The second page: the name once more, what will happen, and "yes".

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Case, Story};
use crate::console::api::Problem;
use crate::console::form::Wrong;
use crate::console::frame::Frame;
use crate::console::html::page;
use crate::console::texts::{fill, words};

words! {
    title question happens secret codes status logged without forced sessions type_name type_hint code code_hint yes
    documented
}

#[derive(Template)]
#[template(path = "pages/administrators/reset/confirm.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    case: Case,
    story: Story,
    wrong: Wrong,
}

/// The page, with everything documented in hidden fields.
pub(super) fn shown(frame: Frame, case: Case, story: Story, wrong: Wrong) -> Response {
    let status = wrong.0.as_ref().map_or(StatusCode::OK, Problem::status);
    page(status, &Page { frame, case, story, wrong })
}

impl Page {
    fn question(&self) -> String {
        let (name, user_name) = (self.case.it.shown(), &self.case.it.user_name);
        fill(&self.frame.t.confirm.question, &[("name", &name), ("user_name", user_name)])
    }

    fn is_required(&self) -> bool {
        self.case.it.mfa.as_ref().is_some_and(|mfa| mfa.required)
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<String> {
    let draw = |step_up, wrong| {
        let case = Case { step_up, ..Case::sample(None) };
        let page = Page { frame: Frame::sample(lang), case, story: Story::sample(), wrong };
        page.render().expect("it renders")
    };
    let refused = Problem::new("confirmation-required", StatusCode::UNPROCESSABLE_ENTITY);
    vec![draw(false, Wrong::default()), draw(true, Wrong(Some(refused)))]
}
