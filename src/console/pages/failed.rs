//! The page that is shown when there is no other: nothing there, no permission, something broken.

use askama::Template;
use axum::response::Response;

use crate::frame::Told;
use crate::{Frame, Trouble, html, words};

words! { home }

#[derive(Template)]
#[template(path = "pages/failed.html")]
struct Page {
    frame: Frame,
    status: u16,
    told: Told,
}

/// The page for a trouble.
pub(crate) fn page(frame: Frame, trouble: &Trouble) -> Response {
    let status = trouble.status();
    html::page(status, &Page { told: told(&frame, trouble), frame, status: status.as_u16() })
}

fn told(frame: &Frame, trouble: &Trouble) -> Told {
    match trouble {
        Trouble::Refused(problem) => frame.told(problem),
        Trouble::Broken(_) => {
            frame.told(&mfa_ledger_api::problem::Problem::new("internal-error", trouble.status()))
        }
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use axum::http::StatusCode;
    let draw = |frame: Frame, trouble: &Trouble| {
        let page = Page { told: told(&frame, trouble), frame, status: trouble.status().as_u16() };
        page.render().expect("it renders")
    };
    vec![
        draw(Frame::sample(lang), &Trouble::missing()),
        draw(Frame::sample_outside(lang), &Trouble::missing()),
        draw(Frame::sample(lang), &Trouble::new("permission-denied", StatusCode::FORBIDDEN)),
        draw(Frame::sample(lang), &Trouble::new("log-unavailable", StatusCode::SERVICE_UNAVAILABLE)),
        draw(Frame::sample(lang), &Trouble::broken("told to nobody")),
    ]
}
