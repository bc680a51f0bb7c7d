//! A request for a page: who looks, in which language and zone, and how they ask the API.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::cookie;
use mfa_ledger_api::me::Profile;
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_api::session::Viewer as Seen;
use mfa_ledger_api::settings::Settings;
use mfa_ledger_schemas::{Instant, SessionStage};

use super::Console;
use super::api::{Asking, Command, Trouble, with_query};
use super::flash::{Flash, local, told};
use super::form::Wrong;
use super::frame::{Frame, Viewer};
use super::html::see_other;
use super::texts::{self, Lang};
use super::zone::{self, Zone};

pub(super) const LOG_IN: &str = "/console/log-in";
pub(super) const SECOND_FACTOR: &str = "/console/second-factor";
/// Where whoever must enroll finds themselves (the guide, "If MFA is required").
pub(super) const MY_PROFILE: &str = "/console/me";

/// Anybody who looks; their session is not asked for.
pub(super) struct Visit {
    pub api: Asking,
    pub frame: Frame,
    /// The viewer's own account, past their second factor.
    pub me: Option<Profile>,
    /// The settings, inside.
    pub settings: Option<Settings>,
    /// When the first account was registered, where the viewer may see the accounts.
    pub accounts_since: Option<Instant>,
    /// Whether the browser names a zone; the ledger's business is done in one, too.
    zone_chosen: bool,
}

/// Whoever is logged in, all the way.
pub(super) struct Inside(pub Visit);

/// Whoever is logged in, or has to enroll first: their own profile is open to both.
pub(super) struct Enrolling {
    pub visit: Visit,
    pub me: Profile,
}

/// Why a page is not shown yet.
pub(super) enum Elsewhere {
    /// Something comes first.
    Go(String),
    Trouble(Trouble),
}

impl From<Trouble> for Elsewhere {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl IntoResponse for Elsewhere {
    fn into_response(self) -> Response {
        match self {
            Self::Go(path) => see_other(&path),
            Self::Trouble(trouble) => trouble.into_response(),
        }
    }
}

impl Visit {
    /// What the request alone tells.
    pub fn of(parts: &Parts, console: &Console) -> Self {
        let lang = cookie::read(&parts.headers, texts::COOKIE)
            .and_then(Lang::named)
            .unwrap_or_else(|| Lang::accepted(parts.headers.get(header::ACCEPT_LANGUAGE)));
        let zone = cookie::read(&parts.headers, zone::COOKIE)
            .and_then(|name| Zone::named(&name.replace("%2F", "/")));
        let here = parts.uri.path_and_query().map_or(super::HOME, |it| it.as_str());
        let zone_chosen = zone.is_some();
        let frame = Frame {
            t: lang.texts(),
            lang,
            zone: zone.unwrap_or_else(Zone::utc),
            now: Instant::from_unix_ms(console.clock.unix_ms()),
            here: here.to_owned(),
            viewer: None,
            flash: Flash::of(parts.uri.query(), &parts.headers),
            key: String::new(),
        };
        let token = cookie::read(&parts.headers, cookie::SESSION);
        let api = console.api.asked_by(parts, token);
        Self { api, frame, me: None, settings: None, accounts_since: None, zone_chosen }
    }

    /// Asks who the viewer is.
    pub async fn look(&mut self) -> Result<(), Trouble> {
        let asked = self.api.plainly().look::<Seen>("/v1/session/viewer").await?;
        self.frame.key = asked.request_id();
        let Seen { session, profile, settings, accounts_since } = asked.body;
        if let Some(settings) = settings.as_ref().filter(|_| !self.zone_chosen) {
            self.frame.zone = Zone::named(&settings.business_hours.time_zone).unwrap_or_else(Zone::utc);
        }
        self.frame.viewer = Some(Viewer {
            id: session.administrator,
            user_name: session.user_name,
            permissions: profile.as_ref().map(Profile::held).unwrap_or_default(),
            stage: session.next,
            verified_at: session.verified_at,
            password_change_due: session.password_change_due,
        });
        (self.me, self.settings, self.accounts_since) = (profile, settings, accounts_since);
        Ok(())
    }

    /// The same for a page that is shown in any case: whoever cannot be told is nobody.
    pub async fn look_if_possible(&mut self) {
        if self.look().await.is_err() {
            self.frame.viewer = None;
        }
    }

    pub fn stage(&self) -> Option<SessionStage> {
        self.frame.viewer.as_ref().map(|viewer| viewer.stage)
    }

    /// Sends what a form asks for: `path` tells that it is done, or the page is shown again with what is wrong.
    pub async fn send_form<F>(
        self,
        command: Command,
        (path, done): (&str, &str),
        again: impl FnOnce(Self, Wrong) -> F,
    ) -> Result<Response, Trouble>
    where
        F: Future<Output = Result<Response, Trouble>>,
    {
        match self.api.send_form::<Receipt>(command).await? {
            Ok(answer) => Ok(see_other(&told(path, done, answer.body.position))),
            Err(wrong) => again(self, wrong).await,
        }
    }

    /// A path to go to first, and to come back from.
    pub fn first(&self, path: &str, come_back: bool) -> String {
        let next = local(&self.frame.here).filter(|here| come_back && *here != super::HOME);
        with_query(path, &[("next", next.unwrap_or_default())])
    }
}

impl FromRequestParts<Console> for Visit {
    type Rejection = Elsewhere;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Elsewhere> {
        Ok(Self::of(parts, console))
    }
}

impl FromRequestParts<Console> for Enrolling {
    type Rejection = Elsewhere;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Elsewhere> {
        let mut visit = Visit::of(parts, console);
        visit.look().await?;
        match visit.me.take() {
            Some(me) => Ok(Self { visit, me }),
            None => Err(Elsewhere::Go(visit.first(SECOND_FACTOR, parts.method.is_safe()))),
        }
    }
}

impl FromRequestParts<Console> for Inside {
    type Rejection = Elsewhere;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Elsewhere> {
        let Enrolling { visit, me } = Enrolling::from_request_parts(parts, console).await?;
        match visit.stage() {
            Some(SessionStage::Done) => Ok(Self(Visit { me: Some(me), ..visit })),
            _ => Err(Elsewhere::Go(MY_PROFILE.to_owned())),
        }
    }
}

/// What the address names. What can be no name of anything names nothing.
pub(super) struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        let named = Path::<String>::from_request_parts(parts, state).await.ok();
        named.and_then(|Path(text)| text.parse().ok()).map(Self).ok_or_else(Trouble::missing)
    }
}
