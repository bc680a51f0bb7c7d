//! `/console/me/enrollment`: scan the QR code, type a code, save the backup codes.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use data_encoding::BASE64;
use mfa_ledger_api::me::{BackupCodes, EnrollmentBegun};
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_base::wiped::SecretText;
use mfa_ledger_schemas::MfaStatus;
use serde::Deserialize;
use serde_json::json;

use super::backup_codes;
use crate::api::Answer;
use crate::flash::told;
use crate::visit::Enrolling;
use crate::{
    Asking, Code, Command, Console, Form, Frame, Keyed, MY_PROFILE, SecretForm, Trouble, Wrong, page,
    see_other, words,
};

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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Confirm {
    key: String,
    begun_key: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/me/enrollment", get(show).post(begin))
        .route("/console/me/enrollment/confirm", post(confirm))
        .route("/console/me/enrollment/cancel", post(cancel))
}

fn drawn(frame: Frame, wrong: Wrong, begun: Option<EnrollmentBegun>, begun_key: String) -> Response {
    page(wrong.status(), &Page { frame, wrong, begun, begun_key, enabled: false })
}

async fn show(Enrolling { visit, me }: Enrolling) -> Response {
    let (frame, wrong, enabled) = (visit.frame, Wrong::default(), me.mfa.status == MfaStatus::Enabled);
    page(StatusCode::OK, &Page { frame, wrong, begun: None, begun_key: String::new(), enabled })
}

async fn begin(Enrolling { visit, .. }: Enrolling, Form(form): Form<Keyed>) -> Result<Response, Trouble> {
    let (begun, wrong) = match begun(&visit.api, &form.key).await? {
        Ok(begun) => (Some(begun.body), Wrong::default()),
        Err(wrong) => (None, wrong),
    };
    Ok(drawn(visit.frame, wrong, begun, form.key))
}

/// Begins, or shows what was begun under this key.
async fn begun(api: &Asking, key: &str) -> Result<Result<Answer<EnrollmentBegun>, Wrong>, Trouble> {
    api.send_form(Command::new(Method::POST, ENROLLMENT, key, &json!({}))?).await
}

async fn confirm(
    Enrolling { mut visit, .. }: Enrolling,
    SecretForm { form, mut secrets }: SecretForm<Confirm>,
) -> Result<Response, Trouble> {
    let path = "/v1/me/mfa/enrollment/confirm";
    let command = Command::new(Method::POST, path, &form.key, &Code::of(&mut secrets))?;
    match visit.api.send_form::<BackupCodes>(command).await? {
        Ok(answer) => {
            // The session is another now: everything is open.
            visit.look().await?;
            Ok(backup_codes::shown(visit.frame, answer.body, true))
        }
        Err(wrong) => {
            let begun = begun(&visit.api, &form.begun_key).await?.ok().map(|begun| begun.body);
            Ok(drawn(visit.frame, wrong, begun, form.begun_key))
        }
    }
}

async fn cancel(Enrolling { visit, .. }: Enrolling, Form(form): Form<Keyed>) -> Result<Response, Trouble> {
    let command = Command::new(Method::DELETE, ENROLLMENT, &form.key, &json!({}))?;
    let given_up = visit.api.command::<Receipt>(command).await?;
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
    vec![
        draw(None, Wrong::default(), false),
        draw(None, Wrong::default(), true),
        draw(Some(begun.clone()), Wrong::default(), false),
        draw(Some(begun), crate::samples::wrong("code-not-accepted"), false),
        draw(Some(over), Wrong::default(), false),
    ]
}
