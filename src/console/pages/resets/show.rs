//! `/console/resets/{position}`: one reset, what to tell the person, and what was done after it; the guide's
//! step 6, "Documentation" and "Communication".

use askama::Template;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use mfa_ledger_api::resets::ResetStory;
use mfa_ledger_api::settings::Settings;
use mfa_ledger_schemas::{ActorKind, NotificationChannel, Position};
use serde::Deserialize;
use serde_json::json;

use crate::{Command, Console, Form, Frame, Id, Inside, Trouble, Visit, Wrong, chosen, given, page, words};

words! {
    title of when performer operator reason verification requester requested_at ticket removed removed_codes
    removed_sessions required required_yes required_no notified notified_yes notified_said notified_no notified_failed tell
    tell_intro message copy copied performed_by date ticket_line follow_ups follow_ups_none channel channel_none note
    submit log_in enrolled not_yet repudiated danger entry request approver
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
#[serde(default)]
struct FollowUp {
    key: String,
    #[serde(deserialize_with = "chosen")]
    notified: Option<NotificationChannel>,
    #[serde(deserialize_with = "given")]
    note: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/resets/{position}", get(show))
        .route("/console/resets/{position}/follow-ups", post(record))
}

async fn drawn(visit: Visit, position: Position, wrong: Wrong, typed: FollowUp) -> Result<Response, Trouble> {
    let it = visit.api.get(&format!("/v1/resets/{position}")).await?;
    let settings = visit.settings.ok_or_else(Trouble::missing)?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, it, settings, wrong, typed }))
}

async fn show(Inside(visit): Inside, Id(position): Id<Position>) -> Result<Response, Trouble> {
    drawn(visit, position, Wrong::default(), FollowUp::default()).await
}

async fn record(
    Inside(visit): Inside,
    Id(position): Id<Position>,
    Form(typed): Form<FollowUp>,
) -> Result<Response, Trouble> {
    let body = json!({ "notified": typed.notified, "note": typed.note });
    let path = format!("/v1/resets/{position}/follow-ups");
    let command = Command::new(Method::POST, path, &typed.key, &body)?;
    let here = format!("/console/resets/{position}");
    visit.send_form(command, (&here, "follow_up"), |visit, wrong| drawn(visit, position, wrong, typed)).await
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
    use mfa_ledger_api::resets::{
        DangerWindow, ResetFollowUp as Done, ResetInBrief, StoryMoment, ToldOfReset,
    };
    use mfa_ledger_schemas::{ApprovalPolicy, CredentialId, Instant, MfaStatus, Position};

    let at = Instant::default();
    let draw = |brief, follow_ups, moment: Option<StoryMoment>, wrong| {
        let it = ResetStory {
            brief,
            told: ToldOfReset {
                reason_text: Some("<script>alert(1)</script>".to_owned()),
                requester_name: Some("Dana".to_owned()),
                requester_contact: None,
                unreadable: true,
            },
            reset_request: Some(mfa_ledger_schemas::ResetRequestId::from_bytes([4; 16])),
            approval_policy: ApprovalPolicy::SuperAdmins,
            approver: Some("<b>nils</b>".to_owned()),
            approved_at: Some(at),
            under_suspicion: true,
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
        said_notified: true,
        repudiated_at: None,
        must_enroll: false,
        danger_window: DangerWindow { open: false, ..crate::samples::reset().danger_window },
        ..crate::samples::reset()
    };
    let said = ResetInBrief { notified: false, ..closed.clone() };
    vec![
        draw(crate::samples::reset(), Vec::new(), None, Wrong::default()),
        draw(crate::samples::reset(), vec![done(true)], None, crate::samples::wrong("invalid-request")),
        draw(said, vec![done(false)], None, Wrong::default()),
        draw(closed, vec![done(false)], Some(StoryMoment { position: Position(10), at }), Wrong::default()),
    ]
}
