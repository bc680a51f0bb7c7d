//! `POST /console/me/sessions/revoke`: end all of one's own sessions, this one included.

use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::post;
use mfa_ledger_api::receipt::Receipt;
use serde_json::json;

use crate::visit::{Enrolling, LOG_IN};
use crate::{Command, Console, Form, Keyed, Trouble, see_other};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/me/sessions/revoke", post(revoke))
}

async fn revoke(Enrolling { visit, me }: Enrolling, Form(form): Form<Keyed>) -> Result<Response, Trouble> {
    let path = format!("/v1/administrators/{}/sessions/revoke", me.id);
    visit.api.command::<Receipt>(Command::new(Method::POST, path, &form.key, &json!({}))?).await?;
    Ok(see_other(&format!("{LOG_IN}?done=log_out")))
}
