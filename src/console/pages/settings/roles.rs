//! `/console/settings/roles`: what each role allows, as a matrix; one role is saved at a time.

use askama::Template;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::Query;
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_schemas::{Permission, RoleId};
use serde::Deserialize;
use serde_json::json;

use crate::form::After;
use crate::{
    Command, Console, Form, Frame, Id, Inside, Trouble, Visit, Wrong, fill, page, with_query, words,
};

words! {
    title back intro read_only role requires save save_which yes no caption more new id id_hint name submit
    holds requires_mfa empty
}

/// A version that nothing ever has.
const NO_VERSION: &str = "\"0\"";
const PATH: &str = "/console/settings/roles";
/// Rows of a page.
const ROWS: &str = "50";

#[derive(Template)]
#[template(path = "pages/settings/roles.html")]
struct Page {
    frame: Frame,
    found: Found<RoleBody>,
    wrong: Wrong,
    typed: Typed,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    /// The role as it was shown.
    seen: String,
    /// Of a new role.
    id: String,
    name: String,
    permission: Vec<Permission>,
    mfa_required: Option<String>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(create)).route("/console/settings/roles/{id}", post(change))
}

async fn drawn(visit: Visit, after: &str, wrong: Wrong, typed: Typed) -> Result<Response, Trouble> {
    let found = visit.api.get(&with_query("/v1/roles", &[("after", after), ("limit", ROWS)])).await?;
    Ok(page(wrong.status(), &Page { frame: visit.frame, found, wrong, typed }))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<After>) -> Result<Response, Trouble> {
    drawn(visit, &wanted.after, Wrong::default(), Typed::default()).await
}

/// A role as a form keeps it.
fn seen(role: &RoleBody) -> String {
    serde_json::to_string(role).expect("a role is JSON")
}

async fn change(
    Inside(visit): Inside,
    Id(id): Id<RoleId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let now = visit.api.look::<RoleBody>(&format!("/v1/roles/{id}")).await?;
    // What was shown and has changed since has no version any more.
    let version = if typed.seen == seen(&now.body) { now.version() } else { NO_VERSION.to_owned() };
    put(visit, &id, typed, Some(version)).await
}

/// A new role: none was seen, and there must be none.
async fn create(Inside(visit): Inside, Form(typed): Form<Typed>) -> Result<Response, Trouble> {
    let Ok(id) = typed.id.trim().parse::<RoleId>() else {
        let wrong = Wrong::new("invalid-request", StatusCode::BAD_REQUEST);
        return drawn(visit, "", wrong, typed).await;
    };
    match visit.api.get::<RoleBody>(&format!("/v1/roles/{id}")).await {
        Ok(_) => drawn(visit, "", Wrong::new("role-exists", StatusCode::CONFLICT), typed).await,
        Err(Trouble::Refused(problem)) if problem.is("role-not-found") => put(visit, &id, typed, None).await,
        Err(trouble) => Err(trouble),
    }
}

async fn put(visit: Visit, id: &RoleId, typed: Typed, version: Option<String>) -> Result<Response, Trouble> {
    let body = json!({
        "name": typed.name.trim(),
        "permissions": typed.permission,
        "mfa_required": typed.mfa_required.is_some(),
    });
    let mut command = Command::new(Method::PUT, format!("/v1/roles/{id}"), &typed.key, &body)?;
    if let Some(version) = version {
        command = command.matching(&version);
    }
    visit.send_form(command, (PATH, "role_defined"), |visit, wrong| drawn(visit, "", wrong, typed)).await
}

impl Page {
    fn may(&self) -> bool {
        self.frame.may(Permission::ManageRoles)
    }

    fn permissions() -> &'static [Permission] {
        Permission::ALL
    }

    fn seen(role: &RoleBody) -> String {
        seen(role)
    }

    fn next(&self) -> Option<String> {
        self.found.next.as_deref().map(|next| with_query(PATH, &[("after", next)]))
    }

    fn said(text: &str, role: &RoleBody) -> String {
        fill(text, &[("role", &role.name)])
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |permissions: &[Permission], data, next: Option<&str>, wrong| {
        let mut frame = Frame::sample(lang);
        frame.viewer.as_mut().expect("a viewer").permissions = permissions.to_vec();
        let found = Found { data, has_more: next.is_some(), next: next.map(str::to_owned) };
        let typed = Typed { id: "\"><script>".to_owned(), ..Typed::default() };
        Page { frame, found, wrong, typed }.render().expect("it renders")
    };
    let other = RoleBody { id: "auditor".parse().expect("a role id"), ..crate::samples::role() };
    vec![
        draw(Permission::ALL, vec![crate::samples::role(), other], Some("x"), Wrong::default()),
        draw(
            Permission::ALL,
            vec![crate::samples::role()],
            None,
            crate::samples::wrong("privilege-too-high"),
        ),
        draw(&[], vec![crate::samples::role()], None, Wrong::default()),
        draw(&[], Vec::new(), None, Wrong::default()),
    ]
}
