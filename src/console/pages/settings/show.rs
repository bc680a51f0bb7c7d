//! `/console/settings`: the settings, a form for each group of them; a form changes its own group and no other.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::settings::Settings;
use mfa_ledger_api::settings::ranges::{
    EnrollmentMinutes, GeneratedPasswordHours, ResetRequestHours, Resets, SessionHours, StepUpMinutes, Wait,
};
use mfa_ledger_schemas::{ApprovalPolicy, Permission};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::zone::OFFERED;
use crate::{Command, Console, Form, Frame, Inside, Trouble, Visit, Wrong, page, words};

words! {
    title intro read_only roles mfa available available_hint required_for_all required_hint issuer issuer_hint
    save policy approval approval_hint approver_hours suspicion_hours step_up per_target per_actor no_limit request_hours session_hours
    enrollment_minutes password_hours hours hours_hint time_zone weekdays opens closes notice notice_hint
    subject text preview show_preview mon tue wed thu fri sat sun
}

const PATH: &str = "/console/settings";

#[derive(Template)]
#[template(path = "pages/settings/show.html")]
struct Page {
    frame: Frame,
    it: Settings,
    version: String,
    wrong: Wrong,
}

/// A group of settings, as it was typed; what belongs to another group is not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    version: String,
    group: String,
    /// Asked for with the button beside the one that saves.
    preview: Option<String>,
    mfa_available: Option<String>,
    mfa_required_for_all: Option<String>,
    issuer: String,
    approval: String,
    step_up_minutes: String,
    approver_hours: String,
    suspicion_hours: String,
    resets_per_target_per_day: String,
    resets_per_actor_per_hour: String,
    reset_request_hours: String,
    session_hours: String,
    enrollment_minutes: String,
    generated_password_hours: String,
    time_zone: String,
    weekday: Vec<String>,
    opens: String,
    closes: String,
    reset_notice_subject: String,
    reset_notice_text: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(change))
}

async fn show(Inside(visit): Inside) -> Result<Response, Trouble> {
    drawn(visit, &Typed::default(), Wrong::default()).await
}

async fn change(Inside(visit): Inside, Form(typed): Form<Typed>) -> Result<Response, Trouble> {
    let body = typed.body().ok_or_else(|| Trouble::new("invalid-request", StatusCode::BAD_REQUEST))?;
    if typed.preview.is_some() {
        return drawn(visit, &typed, Wrong::default()).await;
    }
    let command = Command::new(Method::PATCH, "/v1/settings", &typed.key, &body)?.matching(&typed.version);
    visit.send_form(command, (PATH, "settings_changed"), |visit, wrong| drawn(visit, &typed, wrong)).await
}

/// The page with what was typed.
async fn drawn(visit: Visit, typed: &Typed, wrong: Wrong) -> Result<Response, Trouble> {
    let found = visit.api.look::<Settings>("/v1/settings").await?;
    // Who looks at what somebody else has changed meanwhile has seen that.
    let version = found.version();
    let mut it = found.body;
    typed.put_into(&mut it);
    Ok(page(wrong.status(), &Page { frame: visit.frame, it, version, wrong }))
}

impl Typed {
    /// What the API is told; nothing where there is no such group.
    fn body(&self) -> Option<Value> {
        let body = match self.group.as_str() {
            "mfa" => json!({
                "mfa_available": self.mfa_available.is_some(),
                "mfa_required_for_all": self.mfa_required_for_all.is_some(),
                "issuer": self.issuer.trim(),
            }),
            "policy" => json!({
                "approval": self.approval,
                "step_up_minutes": number(&self.step_up_minutes),
                "approver_hours": number(&self.approver_hours),
                "suspicion_hours": number(&self.suspicion_hours),
                "resets_per_target_per_day": number(&self.resets_per_target_per_day),
                "resets_per_actor_per_hour": number(&self.resets_per_actor_per_hour),
                "reset_request_hours": number(&self.reset_request_hours),
                "session_hours": number(&self.session_hours),
                "enrollment_minutes": number(&self.enrollment_minutes),
                "generated_password_hours": number(&self.generated_password_hours),
            }),
            "hours" => json!({
                "business_hours": {
                    "time_zone": self.time_zone.trim(),
                    "weekdays": self.weekday.iter().map(|day| number(day)).collect::<Vec<_>>(),
                    "opens": time(&self.opens),
                    "closes": time(&self.closes),
                },
            }),
            "notice" => json!({
                "reset_notice_subject": self.reset_notice_subject.trim(),
                "reset_notice_text": self.text(),
            }),
            _ => return None,
        };
        Some(body)
    }

    fn text(&self) -> String {
        self.reset_notice_text.replace("\r\n", "\n")
    }

    /// Shows what was typed in the place of what is.
    fn put_into(&self, it: &mut Settings) {
        match self.group.as_str() {
            "mfa" => {
                it.mfa_available = self.mfa_available.is_some();
                it.mfa_required_for_all = self.mfa_required_for_all.is_some();
                it.issuer.clone_from(&self.issuer);
            }
            "policy" => {
                it.approval = self.approval.parse().unwrap_or(it.approval);
                for (shown, typed) in [
                    (&mut it.step_up_minutes, &self.step_up_minutes),
                    (&mut it.approver_hours, &self.approver_hours),
                    (&mut it.suspicion_hours, &self.suspicion_hours),
                    (&mut it.resets_per_target_per_day, &self.resets_per_target_per_day),
                    (&mut it.resets_per_actor_per_hour, &self.resets_per_actor_per_hour),
                    (&mut it.reset_request_hours, &self.reset_request_hours),
                    (&mut it.session_hours, &self.session_hours),
                    (&mut it.enrollment_minutes, &self.enrollment_minutes),
                    (&mut it.generated_password_hours, &self.generated_password_hours),
                ] {
                    *shown = typed.trim().parse().unwrap_or(*shown);
                }
            }
            "hours" => {
                let hours = &mut it.business_hours;
                self.time_zone.trim().clone_into(&mut hours.time_zone);
                hours.weekdays = self.weekday.iter().filter_map(|day| day.parse().ok()).collect();
                hours.opens = minutes(&self.opens).unwrap_or(hours.opens);
                hours.closes = minutes(&self.closes).unwrap_or(hours.closes);
            }
            "notice" => {
                it.reset_notice_subject.clone_from(&self.reset_notice_subject);
                it.reset_notice_text = self.text();
            }
            _ => {}
        }
    }
}

/// A number, or what was typed in its place, for the API to say what is wrong with it.
fn number(text: &str) -> Value {
    let text = text.trim();
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

/// The minutes of a time of day, or what was typed in its place, likewise.
fn time(text: &str) -> Value {
    minutes(text).map_or_else(|| text.trim().into(), Value::from)
}

/// Minutes after midnight of a time such as `17:30`; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let fits = minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0));
    fits.then_some(hours * 60 + minutes)
}

impl Page {
    fn may(&self) -> bool {
        self.frame.may(Permission::ManageSettings)
    }

    fn zones() -> &'static [&'static str] {
        OFFERED
    }

    fn policies() -> &'static [ApprovalPolicy] {
        ApprovalPolicy::ALL
    }

    fn days(&self) -> [(u8, &'static str); 7] {
        let t = &self.frame.t.settings;
        [(1, &t.mon), (2, &t.tue), (3, &t.wed), (4, &t.thu), (5, &t.fri), (6, &t.sat), (7, &t.sun)]
    }

    fn has(&self, day: u8) -> bool {
        self.it.business_hours.weekdays.contains(&day)
    }

    fn time(minutes: u16) -> String {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Numbers of the policy: their names in the API, what they are called, what they may be.
    fn numbers(&self) -> [(&'static str, &'static str, u16, u16, u16); 9] {
        let (t, it) = (&self.frame.t.settings, &self.it);
        macro_rules! number {
            ($range:ident $name:ident $title:ident) => {
                (stringify!($name), t.$title.as_str(), $range::MIN, $range::MAX, it.$name)
            };
        }
        [
            number!(StepUpMinutes step_up_minutes step_up),
            number!(Wait approver_hours approver_hours),
            number!(Wait suspicion_hours suspicion_hours),
            number!(Resets resets_per_target_per_day per_target),
            number!(Resets resets_per_actor_per_hour per_actor),
            number!(ResetRequestHours reset_request_hours request_hours),
            number!(SessionHours session_hours session_hours),
            number!(EnrollmentMinutes enrollment_minutes enrollment_minutes),
            number!(GeneratedPasswordHours generated_password_hours password_hours),
        ]
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |permissions: &[Permission], wrong| {
        let mut frame = Frame::sample(lang);
        frame.viewer.as_mut().expect("a viewer").permissions = permissions.to_vec();
        let (it, version) = (crate::samples::settings(), "\"7\"".to_owned());
        Page { frame, it, version, wrong }.render().expect("it renders")
    };
    vec![
        draw(Permission::ALL, Wrong::default()),
        draw(Permission::ALL, crate::samples::wrong("version-mismatch")),
        draw(&[], Wrong::default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_changes_itself_alone() {
        let typed = |group: &str| Typed { group: group.to_owned(), ..Typed::default() };
        for (group, names) in [("mfa", 3), ("policy", 10), ("hours", 1), ("notice", 2)] {
            let body = typed(group).body().expect("a group");
            assert_eq!(body.as_object().map(serde_json::Map::len), Some(names), "{group}");
        }
        assert_eq!(typed("other").body(), None);
        let mut settings = crate::samples::settings();
        let before = settings.business_hours.clone();
        typed("mfa").put_into(&mut settings);
        assert_eq!((settings.mfa_available, settings.business_hours), (false, before));
    }

    #[test]
    fn times_are_minutes_of_a_day() {
        assert_eq!(
            (minutes("00:00"), minutes("17:30"), minutes("24:00")),
            (Some(0), Some(1_050), Some(1_440))
        );
        for text in ["", "24:01", "25:00", "12:60", "noon", "-1:00", "99999:00"] {
            assert_eq!(minutes(text), None, "{text}");
        }
        assert_eq!((number(" 7 "), number("x")), (json!(7), json!("x")));
        // What is no time, or no day, goes to the API, which says so: it does not become midnight.
        let typed = Typed {
            group: "hours".into(),
            weekday: vec!["1".into(), "x".into()],
            opens: "noon".into(),
            ..Typed::default()
        };
        let hours = &typed.body().expect("a group")["business_hours"];
        assert_eq!((&hours["opens"], &hours["weekdays"]), (&json!("noon"), &json!([1, "x"])));
    }
}
