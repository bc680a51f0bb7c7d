//! `/console/administrators/{id}/authentication`: why somebody cannot log in, for the help desk.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use futures_util::future::try_join;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::authentication::{Authentication, Cause, CauseCode, LogInStep};
use mfa_ledger_schemas::AdministratorId;

use super::managed;
use crate::{Console, Frame, Id, Inside, Trouble, fill, named, page, words};

words! {
    title intro causes no_cause no_cause_hint until try_this facts password_set password_expires wrong_passwords known other
    wrong_codes codes_left last_log_in never history history_hint none when what who from place_known place_new
    in_a_row more clock_slow clock_fast
}

#[derive(Template)]
#[template(path = "pages/administrators/authentication.html")]
struct Page {
    frame: Frame,
    it: AdministratorBody,
    found: Authentication,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/administrators/{id}/authentication", get(show))
}

async fn show(Inside(visit): Inside, Id(id): Id<AdministratorId>) -> Result<Response, Trouble> {
    let path = format!("/v1/administrators/{id}/authentication");
    let (it, found) = try_join(managed(&visit, id), visit.api.get::<Authentication>(&path)).await?;
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, it, found }))
}

impl Page {
    /// What it is, in the viewer's language.
    fn told(&self, cause: &Cause) -> String {
        let t = &self.frame.t.authentication;
        if let (CauseCode::DeviceClock, Some(clock)) = (cause.code, &self.found.device_clock) {
            let minutes = (clock.drift_seconds.abs() + 30) / 60;
            let text = if clock.drift_seconds < 0 { &t.clock_slow } else { &t.clock_fast };
            return fill(text, &[("minutes", &minutes)]);
        }
        let told = named(&self.frame.t.names.log_in_cause, cause.code.name());
        match cause.until {
            Some(until) => format!("{told} {}", fill(&t.until, &[("until", &self.frame.zone.plain(until))])),
            None => told.to_owned(),
        }
    }

    fn advice(&self, cause: &Cause) -> &'static str {
        named(&self.frame.t.names.log_in_advice, cause.code.name())
    }

    /// Why a step failed, and how often in a row.
    fn why(&self, step: &LogInStep) -> Option<String> {
        let cause = named(&self.frame.t.names.cause, step.cause.as_deref()?);
        let count = step.consecutive.filter(|count| *count > 1);
        let in_a_row = count.map(|count| fill(&self.frame.t.authentication.in_a_row, &[("n", &count)]));
        Some(in_a_row.map_or_else(|| cause.to_owned(), |more| format!("{cause}, {more}")))
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |found| {
        let page = Page { frame: Frame::sample(lang), it: crate::samples::account(1), found };
        page.render().expect("it renders")
    };
    let full = crate::samples::authentication();
    let well = Authentication { causes: Vec::new(), history: Vec::new(), has_more: false, ..full.clone() };
    vec![draw(full), draw(well)]
}
