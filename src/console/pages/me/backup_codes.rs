//! `/console/me/backup-codes`: new backup codes, shown once.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::me::BackupCodes;
use mfa_ledger_base::wiped::{Buffer, SecretText};

use super::{Code, CodeForm};
use crate::Console;

use crate::api::{Trouble, encode_into};
use crate::form::{SecretForm, Wrong};
use crate::frame::Frame;
use crate::html::page;
use crate::texts::words;
use crate::visit::Inside;

words! {
    title intro code submit shown_title enabled_title shown once copy copied download print all saved go_on not_shown
    file
}

#[derive(Template)]
#[template(path = "pages/me/backup_codes.html")]
struct Page {
    frame: Frame,
    wrong: Wrong,
    /// The new codes; before that, the page asks for a code of the app.
    codes: Option<BackupCodes>,
    /// Whether they end an enrollment.
    enrolled: bool,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/me/backup-codes", get(show).post(make))
}

/// New codes, which are on the screen this once.
pub(super) fn shown(frame: Frame, codes: BackupCodes, enrolled: bool) -> Response {
    page(StatusCode::OK, &Page { frame, wrong: Wrong::default(), codes: Some(codes), enrolled })
}

async fn show(Inside(visit): Inside) -> Response {
    let asks = Page { frame: visit.frame, wrong: Wrong::default(), codes: None, enrolled: false };
    page(StatusCode::OK, &asks)
}

async fn make(
    Inside(visit): Inside,
    SecretForm { form, mut secrets }: SecretForm<CodeForm>,
) -> Result<Response, Trouble> {
    let (path, code) = ("/v1/me/mfa/backup-codes", Code::of(&mut secrets));
    let asked = visit.api.command::<BackupCodes>(Method::POST, path, &form.key, &code).await;
    match asked.map_err(Trouble::for_form) {
        Ok(answer) => Ok(shown(visit.frame, answer.body, false)),
        Err(Ok(problem)) => {
            let (status, wrong) = (problem.status(), Wrong(Some(problem)));
            Ok(page(status, &Page { frame: visit.frame, wrong, codes: None, enrolled: false }))
        }
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    fn text(&self) -> SecretText {
        let user_name = self.frame.viewer.as_ref().map_or("", |viewer| viewer.user_name.as_str());
        let mut text = Buffer::default();
        for part in [self.frame.t.backup_codes.file.as_str(), " \u{2013} ", user_name, "\n\n"] {
            text.push(part.as_bytes());
        }
        for code in self.codes.iter().flat_map(|codes| &codes.backup_codes) {
            text.push(code.0.expose().as_bytes());
            text.push(b"\n");
        }
        text.into_text().expect("it is made of texts")
    }

    /// The same as a file to keep.
    fn file(&self) -> SecretText {
        let mut address = Buffer::default();
        address.push(b"data:text/plain;charset=utf-8,");
        encode_into(&mut address, self.text().expose());
        address.into_text().expect("it is made of texts")
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use super::sample_secret;

    let draw = |codes, enrolled| {
        let page = Page { frame: Frame::sample(lang), wrong: Wrong::default(), codes, enrolled };
        page.render().expect("it renders")
    };
    let codes = |shown: bool| BackupCodes {
        backup_codes: vec![sample_secret("ABCD-EFGH-JKMN-PQRS"); if shown { 10 } else { 0 }],
        backup_codes_shown: shown,
    };
    vec![draw(None, false), draw(Some(codes(true)), true), draw(Some(codes(false)), false)]
}
