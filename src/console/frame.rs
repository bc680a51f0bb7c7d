//! What every page knows of its viewer, and what is drawn around it.

mod recorded;
mod shown;

use mfa_ledger_schemas::{AdministratorId, Instant, Permission, Position, SessionStage};

use super::flash::Flash;
use super::nav;
use super::texts::{Lang, Texts};
use super::zone::Zone;
use mfa_ledger_api::problem::Problem;

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

    /// What was done before this page, in words.
    pub fn done(&self) -> Option<&'static str> {
        let flash = self.flash.as_ref()?;
        self.t.done.get(&flash.done).map(String::as_str)
    }

    /// Where it is recorded.
    pub fn done_at(&self) -> Option<Position> {
        self.flash.as_ref().and_then(|flash| flash.at)
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
