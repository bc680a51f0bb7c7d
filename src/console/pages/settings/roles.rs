//! `/console/settings/roles`: what each role allows, as a matrix; one role is saved at a time.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::Query;
use mfa_ledger_api::roles::RoleBody;
use mfa_ledger_schemas::{Permission, RoleId};
use serde::Deserialize;

use crate::Console;
use crate::api::roles::Definition;
use crate::api::{Trouble, with_query};
use crate::flash::told;
use crate::form::{Form, Wrong};
use crate::frame::Frame;
use crate::html::{page, see_other};
use crate::texts::{fill, words};
use crate::visit::{Inside, Visit};
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_api::problem::Problem;
use mfa_ledger_api::receipt::Receipt;

words! {
    title back intro read_only role requires save save_which yes no caption more new id id_hint name submit
    holds requires_mfa empty
}

const PATH: &str = "/console/settings/roles";
/// Rows of a page: the version of each is asked for by itself.
const ROWS: &str = "50";

#[derive(Template)]
#[template(path = "pages/settings/roles.html")]
struct Page {
    frame: Frame,
    found: Found<RoleBody>,
    /// The version of each role, by its id.
    versions: BTreeMap<RoleId, String>,
    wrong: Wrong,
    typed: Typed,
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    after: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    version: String,
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
    let path = with_query("/v1/roles", &[("after", after), ("limit", ROWS)]);
    let found = visit.api.get::<Found<RoleBody>>(&path).await?;
    let mut versions = BTreeMap::new();
    if visit.frame.may(Permission::ManageRoles) {
        for role in &found.data {
            let seen = visit.api.look::<RoleBody>(&format!("/v1/roles/{}", role.id)).await?;
            versions.insert(role.id.clone(), seen.version());
        }
    }
    let status = wrong.0.as_ref().map_or(StatusCode::OK, Problem::status);
    Ok(page(status, &Page { frame: visit.frame, found, versions, wrong, typed }))
}

async fn show(Inside(visit): Inside, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    drawn(visit, &wanted.after, Wrong::default(), Typed::default()).await
}

async fn change(
    Inside(visit): Inside,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let id: RoleId = id.parse().map_err(|_| Trouble::missing())?;
    put(visit, id, typed).await
}

/// A new role: no version was seen of it, and there must be none.
async fn create(Inside(visit): Inside, Form(mut typed): Form<Typed>) -> Result<Response, Trouble> {
    let Ok(id) = typed.id.trim().parse::<RoleId>() else {
        let problem = Trouble::new("invalid-request", StatusCode::BAD_REQUEST).for_form()?;
        return drawn(visit, "", Wrong(Some(problem)), typed).await;
    };
    match visit.api.get::<RoleBody>(&format!("/v1/roles/{id}")).await {
        Ok(_) => {
            let problem = Trouble::new("role-exists", StatusCode::CONFLICT).for_form()?;
            return drawn(visit, "", Wrong(Some(problem)), typed).await;
        }
        Err(Trouble::Refused(problem)) if problem.is("role-not-found") => {}
        Err(trouble) => return Err(trouble),
    }
    typed.version.clear();
    put(visit, id, typed).await
}

async fn put(visit: Visit, id: RoleId, typed: Typed) -> Result<Response, Trouble> {
    let definition = Definition {
        name: typed.name.trim(),
        permissions: &typed.permission,
        mfa_required: typed.mfa_required.is_some(),
    };
    let path = format!("/v1/roles/{id}");
    let api = if typed.version.is_empty() { visit.api.clone() } else { visit.api.matching(&typed.version) };
    match api.command::<Receipt>(Method::PUT, &path, &typed.key, &definition).await.map_err(Trouble::for_form)
    {
        Ok(answer) => Ok(see_other(&told(PATH, "role_defined", answer.body.position))),
        Err(Ok(problem)) => drawn(visit, "", Wrong(Some(problem)), typed).await,
        Err(Err(trouble)) => Err(trouble),
    }
}

impl Page {
    fn may(&self) -> bool {
        self.frame.may(Permission::ManageRoles)
    }

    fn permissions() -> &'static [Permission] {
        Permission::ALL
    }

    fn version(&self, role: &RoleBody) -> &str {
        self.versions.get(&role.id).map_or("", String::as_str)
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
        Page { frame, found, versions: BTreeMap::new(), wrong, typed }.render().expect("it renders")
    };
    let other = RoleBody { id: "auditor".parse().expect("a role id"), ..crate::samples::role() };
    let refused = Problem::new("privilege-too-high", StatusCode::FORBIDDEN);
    vec![
        draw(Permission::ALL, vec![crate::samples::role(), other], Some("x"), Wrong::default()),
        draw(Permission::ALL, vec![crate::samples::role()], None, Wrong(Some(refused))),
        draw(&[], vec![crate::samples::role()], None, Wrong::default()),
        draw(&[], Vec::new(), None, Wrong::default()),
    ]
}
