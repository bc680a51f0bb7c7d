//! What every page knows of its viewer, and what is drawn around it.

use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Factor, Instant, MfaStatus, NotificationChannel, Outcome, Permission,
    Position, RedFlag, ResetReason, SessionStage, Severity, VerificationMethod,
};

use super::api::Problem;
use super::api::alerts::AlertStage;
use super::api::requests::Stage;
use super::assets;
use super::flash::Flash;
use super::html::{Html, badge, icon};
use super::nav;
use super::texts::{Lang, Texts, fill};
use super::zone::Zone;

/// The frame around a page.
#[derive(Clone)]
pub(super) struct Frame {
    pub t: &'static Texts,
    pub lang: Lang,
    pub zone: Zone,
    /// The moment of the page.
    pub now: Instant,
    /// The address of the page: path and query.
    pub here: String,
    /// Whoever is logged in.
    pub viewer: Option<Viewer>,
    pub flash: Option<Flash>,
    /// Names what a form of this page asks for, so that sending it twice does it once.
    pub key: String,
}

/// Whoever is logged in, as the API tells.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    pub id: AdministratorId,
    pub user_name: String,
    pub permissions: Vec<Permission>,
    pub stage: SessionStage,
    /// When a second factor was last proved in the session.
    pub verified_at: Option<Instant>,
    pub password_change_due: bool,
}

impl Viewer {
    pub fn holds(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

/// A problem in the viewer's language.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub title: String,
    pub help: String,
    pub position: Option<Position>,
    pub retry_at: Option<Instant>,
}

impl Frame {
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// Whether the pages behind the log-in are open to the viewer.
    pub fn is_inside(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.stage == SessionStage::Done)
    }

    pub fn nav(&self) -> Vec<nav::Group> {
        let viewer = self.viewer.as_ref().filter(|_| self.is_inside());
        viewer.map(|viewer| nav::groups(self.t, &viewer.permissions)).unwrap_or_default()
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.holds(permission))
    }

    pub fn may_manage_mfa(&self) -> bool {
        self.may(Permission::ManageMfa)
    }

    /// Whether the navigation offers a page to the viewer; what it does not offer, nothing links to.
    pub fn offers(&self, href: &str) -> bool {
        self.nav().iter().flat_map(|group| &group.entries).any(|entry| entry.href == href)
    }

    pub fn offers_activity(&self) -> bool {
        self.offers("/console/activity")
    }

    /// Whether the page is about the viewer.
    pub fn is_me(&self, id: &AdministratorId) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.id == *id)
    }

    pub fn icon(&self, name: &str) -> Html {
        icon(name)
    }

    /// What was done before this page, in words.
    pub fn done(&self) -> Option<&'static str> {
        let flash = self.flash.as_ref()?;
        self.t.done.get(&flash.done).map(String::as_str)
    }

    /// Where it is recorded.
    pub fn done_at(&self) -> Option<Position> {
        self.flash.as_ref().and_then(|flash| flash.at)
    }

    /// A moment to the minute.
    pub fn time(&self, at: &Instant) -> Html {
        self.zone.minutes(*at)
    }

    /// A moment to the second.
    pub fn exactly(&self, at: &Instant) -> Html {
        self.zone.seconds(*at)
    }

    /// A moment to the minute, or a dash.
    pub fn time_or_dash(&self, at: &Option<Instant>) -> Html {
        at.as_ref().map_or_else(|| Html::ours("\u{2013}".to_owned()), |at| self.time(at))
    }

    /// The guide's status indicators.
    pub fn mfa(&self, status: &MfaStatus) -> Html {
        let t = &self.t.names.mfa_status;
        let word = t.get(status.name()).map_or(status.name(), String::as_str);
        match status {
            MfaStatus::Enabled => badge("good", "shield", word),
            MfaStatus::Pending => badge("warn", "clock", word),
            _ => badge("bad", "shield-off", word),
        }
    }

    /// A number of things: `one` for one of them, `many` with `{n}` for any other number.
    pub fn count(&self, n: &usize, one: &str, many: &str) -> String {
        if *n == 1 { one.to_owned() } else { fill(many, &[("n", n)]) }
    }

    pub fn permission(&self, permission: &Permission) -> &'static str {
        self.t.names.of(&self.t.names.permission, permission.name())
    }

    pub fn category(&self, permission: &Permission) -> &'static str {
        self.t.names.of(&self.t.names.category, permission.category())
    }

    pub fn reason(&self, reason: &Option<ResetReason>) -> &'static str {
        reason.as_ref().map_or("\u{2013}", |reason| self.t.names.of(&self.t.names.reason, reason.name()))
    }

    pub fn verification(&self, method: &VerificationMethod) -> &'static str {
        self.t.names.of(&self.t.names.verification, method.name())
    }

    pub fn red_flag(&self, flag: &RedFlag) -> &'static str {
        self.t.names.of(&self.t.names.red_flag, flag.name())
    }

    pub fn channel(&self, channel: &NotificationChannel) -> &'static str {
        self.t.names.of(&self.t.names.channel, channel.name())
    }

    /// How far a reset request got.
    pub fn stage(&self, stage: &Stage) -> Html {
        let word = self.t.names.of(&self.t.names.stage, stage.name());
        match stage {
            Stage::Open => badge("warn", "clock", word),
            Stage::Approved | Stage::Used => badge("good", "check", word),
            Stage::Suspicious => badge("bad", "flag", word),
            Stage::Declined => badge("idle", "cross", word),
            Stage::Expired => badge("idle", "dash", word),
        }
    }

    /// What happened, in words; a refusal by the name of what was refused.
    pub fn action(&self, action: &str) -> String {
        if let Some(word) = self.t.names.action.get(action) {
            return word.clone();
        }
        let refused = action.strip_suffix("_refused").unwrap_or(action);
        fill(&self.t.names.refused, &[("action", &refused)])
    }

    pub fn outcome_word(&self, outcome: &Outcome) -> &'static str {
        self.t.names.of(&self.t.names.outcome, outcome.name())
    }

    pub fn outcome(&self, outcome: &Outcome) -> Html {
        let word = self.outcome_word(outcome);
        match outcome {
            Outcome::Success => badge("good", "check", word),
            Outcome::Refused => badge("warn", "cross", word),
            _ => badge("bad", "cross", word),
        }
    }

    /// Who acted: a name, and what it is where that is no administrator.
    pub fn actor(&self, actor: &Actor) -> String {
        let kind = self.t.names.of(&self.t.names.actor, actor.kind.name());
        match actor.kind {
            ActorKind::Administrator => actor.name.clone(),
            _ if actor.name.is_empty() => kind.to_owned(),
            _ => format!("{} ({kind})", actor.name),
        }
    }

    pub fn severity(&self, severity: &Severity) -> Html {
        let word = self.t.names.of(&self.t.names.severity, severity.name());
        match severity {
            Severity::Critical | Severity::High => badge("bad", "bell", word),
            Severity::Medium => badge("warn", "bell", word),
            _ => badge("idle", "bell", word),
        }
    }

    pub fn alert_stage(&self, stage: &AlertStage) -> Html {
        let word = self.t.names.of(&self.t.names.alert_stage, stage.name());
        match stage {
            AlertStage::Open => badge("bad", "warn", word),
            AlertStage::Acknowledged => badge("warn", "clock", word),
            AlertStage::Resolved => badge("good", "check", word),
        }
    }

    /// What the code of a refusal means, in a few words.
    pub fn problem_title<'a>(&self, code: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.t.problems.get(code).map_or(code, |it| it.title.as_str())
    }

    /// The kind of field that a moment stands in: what it holds may be more than a calendar can show, such as `7d`.
    pub fn moment_input(&self, text: &str) -> &'static str {
        if text.is_empty() || self.zone.typed(text).is_some() { "datetime-local" } else { "text" }
    }

    pub fn factor(&self, factor: &Factor) -> &'static str {
        self.t.names.of(&self.t.names.factor, factor.name())
    }

    /// A problem in the viewer's language; in the API's words where the catalogue has none.
    pub fn told(&self, problem: &Problem) -> Told {
        let known = self.t.problems.get(&problem.code);
        let title = known.map_or_else(|| problem.title.clone(), |it| it.title.clone());
        let help = known.map_or_else(|| problem.detail.clone().unwrap_or_default(), |it| it.help.clone());
        Told { title, help, position: problem.position, retry_at: problem.retry_at }
    }
}

#[cfg(test)]
impl Frame {
    /// A page of somebody who may do everything.
    pub fn sample(lang: Lang) -> Self {
        Self {
            t: lang.texts(),
            lang,
            zone: Zone::named("Europe/Prague").expect("a zone"),
            now: Instant::from_unix_ms(1_777_888_800_000),
            here: "/console".to_owned(),
            viewer: Some(Viewer {
                id: AdministratorId::from_bytes([1; 16]),
                user_name: "hanna.desk".to_owned(),
                permissions: Permission::ALL.to_vec(),
                stage: SessionStage::Done,
                verified_at: Some(Instant::from_unix_ms(1_777_885_200_000)),
                password_change_due: false,
            }),
            flash: Some(Flash { done: "log_in".to_owned(), at: Some(Position(17)) }),
            key: "0123".to_owned(),
        }
    }

    /// The same before the log-in.
    pub fn sample_outside(lang: Lang) -> Self {
        Self { viewer: None, flash: None, ..Self::sample(lang) }
    }
}
