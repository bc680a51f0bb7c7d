//! `/console/me/enrollment`: scan the QR code, type a code, save the backup codes.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use data_encoding::BASE64;
use mfa_ledger_api::me::{BackupCodes, EnrollmentBegun};
use mfa_ledger_base::wiped::SecretText;
use mfa_ledger_schemas::MfaStatus;
use serde::Deserialize;
use serde_json::json;

use super::backup_codes;
use super::{Code, CodeForm};
use crate::Console;

use crate::api::{Asking, Trouble};
use crate::flash::told;
use crate::form::{Form, SecretForm, Wrong};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::words;
use crate::visit::{Enrolling, MY_PROFILE};
use mfa_ledger_api::receipt::Receipt;

words! {
    title intro begin picture manual manual_hint code code_hint confirm expires cancel step_app step_scan step_code step_save over
}

const ENROLLMENT: &str = "/v1/me/mfa/enrollment";

#[derive(Template)]
#[template(path = "pages/me/enrollment.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
    /// What was begun; before that, the page only offers to.
    begun: Option<EnrollmentBegun>,
    /// The key that it was begun under, which shows it again.
    begun_key: String,
    enabled: bool,
}

#[derive(Deserialize)]
struct Confirm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    begun_key: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/me/enrollment", get(show).post(begin))
        .route("/console/me/enrollment/confirm", post(confirm))
        .route("/console/me/enrollment/cancel", post(cancel))
}

async fn show(Enrolling { visit, me }: Enrolling) -> Response {
    let enabled = me.mfa.status == MfaStatus::Enabled;
    let page_of =
        Page { frame: visit.frame, wrong: Wrong::default(), begun: None, begun_key: String::new(), enabled };
    page(StatusCode::OK, &page_of)
}

async fn begin(Enrolling { visit, .. }: Enrolling, Form(form): Form<CodeForm>) -> Result<Response, Trouble> {
    let (status, wrong, begun) = match begun(&visit.api, &form.key).await.map_err(Trouble::for_form) {
        Ok(begun) => (StatusCode::OK, Wrong::default(), Some(begun)),
        Err(Ok(problem)) => (problem.status(), Wrong(Some(problem)), None),
        Err(Err(trouble)) => return Err(trouble),
    };
    let enabled = false;
    Ok(page(status, &Page { frame: visit.frame, wrong, begun, begun_key: form.key, enabled }))
}

/// Begins, or shows what was begun under this key.
async fn begun(api: &Asking, key: &str) -> Result<EnrollmentBegun, Trouble> {
    Ok(api.command::<EnrollmentBegun>(Method::POST, ENROLLMENT, key, &json!({})).await?.body)
}

async fn confirm(
    Enrolling { mut visit, .. }: Enrolling,
    SecretForm { form, mut secrets }: SecretForm<Confirm>,
) -> Result<Response, Trouble> {
    let code = Code::of(&mut secrets);
    let path = "/v1/me/mfa/enrollment/confirm";
    let asked = visit.api.command::<BackupCodes>(Method::POST, path, &form.key, &code).await;
    let problem = match asked.map_err(Trouble::for_form) {
        Ok(answer) => {
            // The session is another now: everything is open.
            visit.look().await?;
            return Ok(backup_codes::shown(visit.frame, answer.body, true));
        }
        Err(Ok(problem)) => problem,
        Err(Err(trouble)) => return Err(trouble),
    };
    let begun = match begun(&visit.api, &form.begun_key).await.map_err(Trouble::for_form) {
        Ok(begun) => Some(begun),
        Err(Ok(_)) => None,
        Err(Err(trouble)) => return Err(trouble),
    };
    let (status, wrong) = (problem.status(), Wrong(Some(problem)));
    let begun_key = form.begun_key;
    Ok(page(status, &Page { frame: visit.frame, wrong, begun, begun_key, enabled: false }))
}

async fn cancel(Enrolling { visit, .. }: Enrolling, Form(form): Form<CodeForm>) -> Result<Response, Trouble> {
    let given_up = visit.api.command::<Receipt>(Method::DELETE, ENROLLMENT, &form.key, &json!({})).await?;
    Ok(see_other(&told(MY_PROFILE, "enrollment_cancelled", given_up.body.position)))
}

impl Page {
    /// The QR code, where there is one to scan.
    fn qr(&self) -> Option<SecretText> {
        const KIND: &str = "data:image/svg+xml;base64,";
        let svg = self.begun.as_ref()?.qr_svg.as_ref()?.0.expose().as_bytes();
        // Sized beforehand: a String that grows leaves copies of the secret behind.
        let mut address = String::with_capacity(KIND.len() + BASE64.encode_len(svg.len()));
        address.push_str(KIND);
        BASE64.encode_append(svg, &mut address);
        Some(SecretText::new(address))
    }

    fn manual_key(&self) -> &str {
        let begun = self.begun.as_ref().and_then(|begun| begun.manual_key.as_ref());
        begun.map(|key| key.0.expose()).unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_schemas::Instant;

    use super::sample_secret;
    use mfa_ledger_api::problem::Problem;

    let draw = |begun, wrong, enabled| {
        let frame = Frame::sample(lang);
        let page = Page { frame, wrong, begun, begun_key: "0123".to_owned(), enabled };
        page.render().expect("it renders")
    };
    let begun = EnrollmentBegun {
        status: mfa_ledger_schemas::MfaStatus::Pending,
        otpauth_uri: None,
        receipt: crate::samples::receipt(),
        expires: Instant::default(),
        manual_key: Some(sample_secret("ABCD EFGH")),
        qr_svg: Some(sample_secret("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")),
    };
    let over = EnrollmentBegun { manual_key: None, qr_svg: None, ..begun.clone() };
    let refused = Problem::new("code-not-accepted", StatusCode::UNPROCESSABLE_ENTITY);
    vec![
        draw(None, Wrong::default(), false),
        draw(None, Wrong::default(), true),
        draw(Some(begun.clone()), Wrong::default(), false),
        draw(Some(begun), Wrong(Some(refused)), false),
        draw(Some(over), Wrong::default(), false),
    ]
}
