//! A request for a page: who looks, in which language and zone, and how they ask the API.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::cookie;
use mfa_ledger_api::me::Profile;
use mfa_ledger_api::session::SessionBody;
use mfa_ledger_api::settings::Settings;
use mfa_ledger_schemas::{Instant, SessionStage};

use super::Console;

use super::api::{Asking, Trouble, with_query};
use super::flash::{Flash, local};
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
            flash: Flash::of(parts.uri.query()),
            key: String::new(),
        };
        let token = cookie::read(&parts.headers, cookie::SESSION);
        Self { api: console.api.asked_by(parts, token), frame, zone_chosen }
    }

    /// Asks who the viewer is.
    pub async fn look(&mut self) -> Result<Option<Profile>, Trouble> {
        let asked = self.api.plainly().look::<SessionBody>("/v1/session").await?;
        self.frame.key = asked.request_id();
        let session = asked.body;
        // Nobody is told of themselves before their second factor.
        let me = match session.next {
            SessionStage::Verify => None,
            _ => Some(self.api.get::<Profile>("/v1/me").await?),
        };
        if !self.zone_chosen && session.next == SessionStage::Done {
            let settings = self.api.get::<Settings>("/v1/settings").await?;
            self.frame.zone = Zone::named(&settings.business_hours.time_zone).unwrap_or_else(Zone::utc);
        }
        self.frame.viewer = Some(Viewer {
            id: session.administrator,
            user_name: session.user_name,
            permissions: me.as_ref().map(Profile::held).unwrap_or_default(),
            stage: session.next,
            verified_at: session.verified_at,
            password_change_due: session.password_change_due,
        });
        Ok(me)
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
        match visit.look().await? {
            Some(me) => Ok(Self { visit, me }),
            None => Err(Elsewhere::Go(visit.first(SECOND_FACTOR, parts.method.is_safe()))),
        }
    }
}

impl FromRequestParts<Console> for Inside {
    type Rejection = Elsewhere;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Elsewhere> {
        let Enrolling { visit, .. } = Enrolling::from_request_parts(parts, console).await?;
        match visit.stage() {
            Some(SessionStage::Done) => Ok(Self(visit)),
            _ => Err(Elsewhere::Go(MY_PROFILE.to_owned())),
        }
    }
}
