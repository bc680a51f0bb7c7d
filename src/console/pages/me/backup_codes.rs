//! `/console/me/backup-codes`: new backup codes, shown once.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use mfa_ledger_api::me::BackupCodes;
use mfa_ledger_base::wiped::{Buffer, SecretText};

use crate::api::encode_into;
use crate::{Code, Command, Console, Frame, Inside, Keyed, SecretForm, Trouble, Wrong, page, words};

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

fn asking(frame: Frame, wrong: Wrong) -> Response {
    page(wrong.status(), &Page { frame, wrong, codes: None, enrolled: false })
}

async fn show(Inside(visit): Inside) -> Response {
    asking(visit.frame, Wrong::default())
}

async fn make(
    Inside(visit): Inside,
    SecretForm { form, mut secrets }: SecretForm<Keyed>,
) -> Result<Response, Trouble> {
    let path = "/v1/me/mfa/backup-codes";
    let command = Command::new(Method::POST, path, &form.key, &Code::of(&mut secrets))?;
    Ok(match visit.api.send_form::<BackupCodes>(command).await? {
        Ok(answer) => shown(visit.frame, answer.body, false),
        Err(wrong) => asking(visit.frame, wrong),
    })
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
