//! `/console/resets/{position}`: one reset, what to tell the person, and what was done after it; the guide's
//! step 6, "Documentation" and "Communication".

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::resets::ResetStory;
use mfa_ledger_api::settings::Settings;
use mfa_ledger_schemas::{ActorKind, NotificationChannel, Position};
use serde::{Deserialize, Serialize};

use crate::Console;

use crate::api::Trouble;
use crate::flash::told;
use crate::form::{Form, Wrong, chosen, given};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Inside, Visit};
use mfa_ledger_api::receipt::Receipt;

words! {
    title of when performer operator reason verification requester requested_at ticket removed removed_codes
    removed_sessions required required_yes required_no notified notified_yes notified_no notified_failed tell
    tell_intro message copy copied performed_by date ticket_line follow_ups follow_ups_none channel channel_none note
    submit log_in enrolled not_yet repudiated danger entry
}

#[derive(Template)]
#[template(path = "pages/resets/show.html")]
struct Page {
    frame: Frame,
    it: ResetStory,
    settings: Settings,
    wrong: Wrong,
    typed: FollowUp,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct FollowUp {
    #[serde(default)]
    key: String,
    #[serde(default, deserialize_with = "chosen")]
    notified: Option<NotificationChannel>,
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
}

/// What the API is told.
#[derive(Serialize)]
struct NewFollowUp<'a> {
    notified: Option<NotificationChannel>,
    note: Option<&'a str>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/resets/{position}", get(show))
        .route("/console/resets/{position}/follow-ups", post(record))
}

async fn found(visit: &Visit, position: &str) -> Result<(ResetStory, Settings), Trouble> {
    let position: Position = position.parse().map_err(|_| Trouble::missing())?;
    let story = visit.api.get::<ResetStory>(&format!("/v1/resets/{position}")).await?;
    Ok((story, visit.api.get::<Settings>("/v1/settings").await?))
}

async fn show(Inside(visit): Inside, Path(position): Path<String>) -> Result<Response, Trouble> {
    let (it, settings) = found(&visit, &position).await?;
    let (wrong, typed) = (Wrong::default(), FollowUp::default());
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, it, settings, wrong, typed }))
}

async fn record(
    Inside(visit): Inside,
    Path(position): Path<String>,
    Form(typed): Form<FollowUp>,
) -> Result<Response, Trouble> {
    let (it, settings) = found(&visit, &position).await?;
    let body = NewFollowUp { notified: typed.notified, note: typed.note.as_deref() };
    let path = format!("/v1/resets/{}/follow-ups", it.brief.position);
    match visit
        .api
        .command::<Receipt>(Method::POST, &path, &typed.key, &body)
        .await
        .map_err(Trouble::for_form)
    {
        Ok(answer) => {
            let path = format!("/console/resets/{}", it.brief.position);
            Ok(see_other(&told(&path, "follow_up", answer.body.position)))
        }
        Err(Ok(problem)) => {
            let (status, wrong) = (problem.status(), Wrong(Some(problem)));
            Ok(page(status, &Page { frame: visit.frame, it, settings, wrong, typed }))
        }
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    /// The guide's message, filled in, to be copied.
    fn message(&self) -> String {
        let (t, reset) = (&self.frame.t.reset_story, &self.it.brief);
        let ticket = reset.ticket.as_ref().map(|ticket| format!("{}: {ticket}\n", t.ticket_line));
        format!(
            "Subject: {}\n\n{}\n\n{}: {}\n{}: {}\n{}",
            self.settings.reset_notice_subject,
            self.settings.reset_notice_text,
            t.performed_by,
            reset.performer.name,
            t.date,
            self.frame.zone.plain(reset.at),
            ticket.unwrap_or_default(),
        )
    }

    /// Whether a notice was tried and did not arrive.
    fn failed(&self) -> bool {
        !self.it.brief.notified && self.it.follow_ups.iter().any(|it| it.failed)
    }

    fn by_operator(&self) -> bool {
        self.it.brief.performer.kind == ActorKind::Operator
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_api::resets::{DangerWindow, ResetFollowUp as Done, ResetInBrief, StoryMoment};
    use mfa_ledger_schemas::{ApprovalPolicy, CredentialId, Instant, MfaStatus, Position};

    use mfa_ledger_api::problem::Problem;

    let at = Instant::default();
    let draw = |brief, follow_ups, moment: Option<StoryMoment>, wrong| {
        let it = ResetStory {
            brief,
            reason_text: Some("<script>alert(1)</script>".to_owned()),
            requester_name: Some("Dana".to_owned()),
            requester_contact: None,
            unreadable: true,
            reset_request: None,
            approval_policy: ApprovalPolicy::SuperAdmins,
            performer_verified_at: None,
            status_before: MfaStatus::Enabled,
            status_after: MfaStatus::NotEnabled,
            removed_totp: CredentialId::from_bytes([8; 16]),
            enrolled_at: at,
            removed_backup_codes: 8,
            sessions_ended: 1,
            totp_failures: 0,
            backup_code_failures: 0,
            epoch: 2,
            repudiated: None,
            follow_ups,
            next_log_in: moment.clone(),
            enrolled_again: moment,
        };
        let (frame, typed) = (Frame::sample(lang), FollowUp::default());
        Page { frame, it, settings: crate::samples::settings(), wrong, typed }.render().expect("it renders")
    };
    let done = |failed| Done {
        position: Position(9),
        at,
        actor: "<b>x</b>".to_owned(),
        notified: Some(NotificationChannel::Email),
        failed,
        note: Some("<i>note</i>".to_owned()),
        unreadable: failed,
    };
    let closed = ResetInBrief {
        notified: true,
        repudiated_at: None,
        must_enroll: false,
        danger_window: DangerWindow { open: false, ..crate::samples::reset().danger_window },
        ..crate::samples::reset()
    };
    let refused = Problem::new("invalid-request", StatusCode::BAD_REQUEST);
    vec![
        draw(crate::samples::reset(), Vec::new(), None, Wrong::default()),
        draw(crate::samples::reset(), vec![done(true)], None, Wrong(Some(refused))),
        draw(closed, vec![done(false)], Some(StoryMoment { position: Position(10), at }), Wrong::default()),
    ]
}
