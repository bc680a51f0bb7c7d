//! `/console/administrators/{id}`: an account, and its Security Settings where the guide's visibility rule opens
//! them: that rule is the API's, and what it does not show is not on the page.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use futures_util::future::try_join;
use mfa_ledger_api::administrators::{AdministratorBody, FactorState, Security};
use mfa_ledger_schemas::{AdministratorId, MfaStatus, Permission};

use crate::past::{Asked, Machine};
use crate::{Asking, Console, Frame, Id, Inside, Trouble, fill, page, words};

words! {
    title account user_name emails none_kept role registered last_log_in never password_expires super_administrator
    inactive frozen you security required required_yes required_no enrolled_at pending_until last_used
    codes_left failures failures_app failures_codes sessions reset why_not_enabled why_self
    suspicious suspected_title suspected clear_suspicion danger_title danger locked_app locked_codes blocked_app blocked_codes clock_slow clock_fast
    damaged_password damaged_totp_seed damaged_backup_codes damaged_personal_data
    why_no_log_in history history_none when performer reason state open closed repudiated activity my_permissions
}

#[derive(Template)]
#[template(path = "pages/administrators/show.html")]
struct Page {
    frame: Frame,
    it: AdministratorBody,
    machine: Machine,
    /// Not there where the guide says that one does not see it.
    security: Option<Security>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/administrators/{id}", get(show))
}

async fn show(
    Inside(visit): Inside,
    Id(id): Id<AdministratorId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let machine = asked.machine(&visit)?;
    let (api, frame) = (visit.api, visit.frame);
    let path = machine.link(&format!("/v1/administrators/{id}/security"));
    let (it, security) = try_join(account(&api, id, &machine), api.find::<Security>(&path)).await?;
    Ok(page(StatusCode::OK, &Page { frame, it, machine, security }))
}

/// The account as of a moment.
async fn account(api: &Asking, id: AdministratorId, machine: &Machine) -> Result<AdministratorBody, Trouble> {
    let path = format!("/v1/administrators/{id}");
    if !machine.is_past() {
        return api.get(&path).await;
    }
    if let Some(then) = api.find(&machine.link(&path)).await? {
        return Ok(then);
    }
    // It may have come since.
    api.get::<AdministratorBody>(&path).await?;
    Err(Trouble::new("not-there-then", StatusCode::NOT_FOUND))
}

impl Page {
    fn path(&self) -> String {
        format!("/console/administrators/{}", self.it.id)
    }

    /// Why somebody's codes are not looked at, in words.
    fn troubles(&self) -> Vec<String> {
        let (t, Some(security)) = (&self.frame.t.administrator, &self.security) else { return Vec::new() };
        let mut told: Vec<_> = security.unreadable.iter().filter_map(|name| self.damage(name)).collect();
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

    /// What to do about a stored value that is damaged.
    fn damage(&self, name: &str) -> Option<String> {
        let t = &self.frame.t.administrator;
        let text = match name {
            "password" => &t.damaged_password,
            "totp_seed" => &t.damaged_totp_seed,
            "backup_codes" => &t.damaged_backup_codes,
            "personal_data" => &t.damaged_personal_data,
            _ => return None,
        };
        Some(text.clone())
    }

    fn is_enabled(&self) -> bool {
        self.security.as_ref().is_some_and(|it| it.status == MfaStatus::Enabled)
    }

    /// Whether the viewer may say that a suspicion is dealt with.
    fn may_clear(&self) -> bool {
        let mine = self.frame.is_me(&self.it.id);
        self.frame.may(Permission::ManageAlerts) && !mine && !self.machine.is_past()
    }

    /// Whether the password alone opens the account since a reset.
    fn danger(&self) -> Option<&mfa_ledger_api::administrators::LastReset> {
        self.security.as_ref()?.last_reset.as_ref().filter(|it| it.danger_window_open)
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let as_of = |past, number, security| {
        let (frame, it, machine) =
            (Frame::sample(lang), crate::samples::account(number), Machine::sample(past));
        Page { frame, it, machine, security }.render().expect("it renders")
    };
    let draw = |number, security| as_of(false, number, security);
    let never_reset = Security { resets: Some(Vec::new()), ..crate::samples::security() };
    let plain = Security {
        status: MfaStatus::NotEnabled,
        last_reset: None,
        resets: None,
        device_clock: None,
        ..crate::samples::security()
    };
    vec![
        draw(1, Some(never_reset)),
        draw(2, Some(crate::samples::security())),
        draw(3, Some(plain)),
        draw(3, None),
        as_of(true, 1, Some(crate::samples::security())),
    ]
}
