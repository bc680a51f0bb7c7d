//! `/console/administrators/{id}`: an account, and its Security Settings where the guide's visibility rule opens
//! them: that rule is the API's, and what it does not show is not on the page.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_schemas::{AdministratorId, MfaStatus};

use crate::console::Console;
use crate::console::api::administrators::{Account, FactorState, Security};
use crate::console::api::resets::Brief;
use crate::console::api::{Page as Found, Trouble};
use crate::console::frame::Frame;
use crate::console::html::page;
use crate::console::texts::{fill, words};
use crate::console::visit::Inside;

words! {
    title account user_name emails none_kept role registered last_log_in never password_expires super_administrator
    inactive frozen you security required required_yes required_no enrolled_at pending_until last_used
    codes_left failures failures_app failures_codes sessions reset why_not_enabled why_self
    suspicious danger_title danger locked_app locked_codes blocked_app blocked_codes clock_slow clock_fast
    history history_none when performer reason state open closed repudiated activity
}

/// Resets that are listed; the activity log has all of them.
const HISTORY: usize = 20;

#[derive(Template)]
#[template(path = "pages/administrators/show.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    it: Account,
    /// Not there where the guide says that one does not see it.
    security: Option<Security>,
    history: Vec<Brief>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/administrators/{id}", get(show))
}

async fn show(Inside(visit): Inside, Path(id): Path<String>) -> Result<Response, Trouble> {
    let id: AdministratorId = id.parse().map_err(|_| Trouble::missing())?;
    let it = visit.api.get::<Account>(&format!("/v1/administrators/{id}")).await?;
    let security = visit.api.find::<Security>(&format!("/v1/administrators/{id}/security")).await?;
    let mut history = Vec::new();
    if security.is_some() {
        let path = format!("/v1/resets?administrator={id}&limit={HISTORY}");
        history = visit.api.find::<Found<Brief>>(&path).await?.map(|found| found.data).unwrap_or_default();
    }
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, it, security, history }))
}

impl Page {
    /// Why somebody's codes are not looked at, in words.
    fn troubles(&self) -> Vec<String> {
        let (t, Some(security)) = (&self.frame.t.administrator, &self.security) else { return Vec::new() };
        let mut told = Vec::new();
        let mut factor = |state: &FactorState, blocked: &str, locked: &str| {
            if state.blocked {
                told.push(blocked.to_owned());
            } else if let Some(until) = state.locked_until {
                told.push(fill(locked, &[("until", &self.frame.zone.plain(until))]));
            }
        };
        factor(&security.totp, &t.blocked_app, &t.locked_app);
        factor(&security.backup_code, &t.blocked_codes, &t.locked_codes);
        if let Some(clock) = &security.device_clock {
            let minutes = (clock.drift_seconds.abs() + 30) / 60;
            let text = if clock.drift_seconds < 0 { &t.clock_slow } else { &t.clock_fast };
            told.push(fill(text, &[("minutes", &minutes)]));
        }
        told
    }

    fn is_enabled(&self) -> bool {
        self.security.as_ref().is_some_and(|it| it.status == MfaStatus::Enabled)
    }

    /// Whether the password alone opens the account since a reset.
    fn danger(&self) -> Option<&crate::console::api::administrators::LastReset> {
        self.security.as_ref()?.last_reset.as_ref().filter(|it| it.danger_window_open)
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::console::texts::Lang) -> Vec<String> {
    let draw = |number, security, history| {
        let page = Page { frame: Frame::sample(lang), it: Account::sample(number), security, history };
        page.render().expect("it renders")
    };
    let plain = Security {
        status: MfaStatus::NotEnabled,
        last_reset: None,
        device_clock: None,
        ..Security::sample()
    };
    vec![
        draw(1, Some(Security::sample()), Vec::new()),
        draw(2, Some(Security::sample()), vec![Brief::sample()]),
        draw(3, Some(plain), Vec::new()),
        draw(3, None, Vec::new()),
    ]
}
