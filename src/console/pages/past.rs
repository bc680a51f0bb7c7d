//! `/console/past`: what differs between two moments.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_api::diff::{AdministratorDifference, Difference, FieldDifference};
use mfa_ledger_api::problem::Problem;
use mfa_ledger_schemas::{Instant, MfaStatus, Permission};
use serde::Deserialize;
use serde_json::Value;

use crate::facts::plain;
use crate::{Asking, Console, Frame, Inside, Trouble, Wrong, Zone, fill, named, page, with_query, words};

words! {
    title intro from to to_hint submit wrong_moment between records same administrators roles settings fact
    before after appeared activity cut mfa_hidden yes no
}

/// Accounts that are shown.
const ROWS: usize = 100;
/// How far back the earlier moment is when nobody says, in days.
const DAYS: i64 = 7;
/// The first record of the log: what a log younger than that is compared with.
const FIRST: &str = "1";

#[derive(Template)]
#[template(path = "pages/past.html")]
struct Page {
    frame: Frame,
    wanted: Wanted,
    wrong: Wrong,
    wrong_moment: bool,
    found: Option<Difference>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    from: String,
    to: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/past", get(show))
}

async fn show(Inside(visit): Inside, Query(mut wanted): Query<Wanted>) -> Result<Response, Trouble> {
    let (api, frame) = (visit.api, visit.frame);
    let unasked = wanted.from.is_empty();
    if unasked {
        wanted.from = frame.zone.input(frame.now.plus_hours(-24 * DAYS));
    }
    let draw = |status, frame, wanted, wrong, wrong_moment, found| {
        page(status, &Page { frame, wanted, wrong, wrong_moment, found })
    };
    let Some((from, to)) = wanted.moments(&frame.zone, frame.now) else {
        return Ok(draw(StatusCode::BAD_REQUEST, frame, wanted, Wrong::default(), true, None));
    };
    let mut found = difference(&api, &from.to_string(), to).await?;
    // Nobody has chosen the moment that the log is too young for.
    if unasked && found.as_ref().is_err_and(|problem| problem.code == "before-the-log") {
        found = difference(&api, FIRST, to).await?;
        if let Ok(found) = &found {
            wanted.from = frame.zone.input_exactly(found.from.at);
        }
    }
    Ok(match found {
        Ok(found) => draw(StatusCode::OK, frame, wanted, Wrong::default(), false, Some(found)),
        Err(problem) => draw(problem.status(), frame, wanted, Wrong(Some(problem)), false, None),
    })
}

/// What differs between two moments; or what is wrong with them.
async fn difference(
    api: &Asking,
    from: &str,
    to: Option<Instant>,
) -> Result<Result<Difference, Problem>, Trouble> {
    let to = to.map(|to| to.to_string()).unwrap_or_default();
    let path = with_query("/v1/diff", &[("from", from), ("to", &to)]);
    match api.get(&path).await.map_err(Trouble::for_query) {
        Ok(found) => Ok(Ok(found)),
        Err(problem) => problem.map(Err),
    }
}

impl Wanted {
    fn moments(&self, zone: &Zone, now: Instant) -> Option<(Instant, Option<Instant>)> {
        let from = zone.said(&self.from, now)?;
        match self.to.trim() {
            "" => Some((from, None)),
            to => zone.said(to, now).map(|to| (from, Some(to))),
        }
    }
}

impl Page {
    /// What a fact is called.
    fn name<'a>(&self, field: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.frame.t.names.field.get(field).map_or(field, |name| name.as_str())
    }

    /// A value as people read it.
    fn value(&self, field: &FieldDifference, value: &Value) -> String {
        let t = self.frame.t;
        match (field.field.as_str(), value) {
            (_, Value::Bool(true)) => t.past.yes.clone(),
            (_, Value::Bool(false)) => t.past.no.clone(),
            ("mfa_status", Value::String(name)) => {
                let known = name.parse::<MfaStatus>().ok().map(MfaStatus::name);
                named(&t.names.mfa_status, known.unwrap_or(name)).to_owned()
            }
            ("approval", Value::String(name)) => named(&t.names.approval, name).to_owned(),
            ("permissions", Value::Array(all)) => {
                let names = all.iter().filter_map(|it| it.as_str()?.parse::<Permission>().ok());
                let names: Vec<_> = names.map(|permission| self.frame.permission(&permission)).collect();
                if names.is_empty() { plain(&Value::Null) } else { names.join(", ") }
            }
            (_, Value::String(text)) => match text.parse::<Instant>() {
                Ok(at) => self.frame.zone.plain(at),
                Err(_) => text.clone(),
            },
            _ => plain(value),
        }
    }

    fn is_same(found: &Difference) -> bool {
        found.administrators.is_empty() && found.roles.is_empty() && found.settings.is_empty()
    }

    fn between(&self, found: &Difference) -> String {
        let records = found.to.position.0.saturating_sub(found.from.position.0);
        fill(&self.frame.t.past.records, &[("n", &records)])
    }

    /// The entries between the two moments.
    fn activity(found: &Difference) -> String {
        let (from, to) = (found.from.at.to_string(), found.to.at.to_string());
        with_query("/console/activity", &[("since", &from), ("until", &to)])
    }

    fn rows(found: &Difference) -> &[AdministratorDifference] {
        &found.administrators[..found.administrators.len().min(ROWS)]
    }

    fn cut(&self) -> String {
        fill(&self.frame.t.past.cut, &[("n", &ROWS)])
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_schemas::{AdministratorId, Position};

    use mfa_ledger_api::diff::{RoleDifference, Stand};
    use serde_json::json;
    let draw = |from: &str, wrong, found| {
        let frame = Frame::sample(lang);
        let wanted = Wanted { from: from.to_owned(), to: "1h".to_owned() };
        let wrong_moment = wanted.moments(&frame.zone, frame.now).is_none();
        Page { frame, wanted, wrong, wrong_moment, found }.render().expect("it renders")
    };
    let field = |name: &str, before, after| FieldDifference { field: name.to_owned(), before, after };
    let fields = || {
        vec![
            field("mfa_status", json!("enabled"), json!("not_enabled")),
            field("active", json!(true), json!(false)),
            field("enrolled_at", json!("2026-05-04T09:00:00.000Z"), json!(null)),
            field("<b>", json!("<i>"), json!({"a": 1})),
            field("permissions", json!(["manage-mfa"]), json!([])),
        ]
    };
    let stand = |position| Stand { position: Position(position), at: Frame::sample(lang).now };
    let somebody = |number| AdministratorDifference {
        administrator: AdministratorId::from_bytes([number; 16]),
        user_name: "<b>dana</b>".to_owned(),
        appeared: number == 1,
        changes: fields(),
    };
    let difference = |administrators: Vec<_>, roles, settings| {
        Some(Difference { from: stand(3), to: stand(9), mfa_hidden: true, administrators, roles, settings })
    };
    let role = RoleDifference {
        role: "desk".parse().expect("a role id"),
        name: "<u>Desk</u>".to_owned(),
        appeared: true,
        changes: fields(),
    };
    vec![
        draw("7d", Wrong::default(), difference((0..120).map(somebody).collect(), vec![role], fields())),
        draw("7d", Wrong::default(), difference(Vec::new(), Vec::new(), Vec::new())),
        draw("\"><script>", Wrong::default(), None),
        draw("900w", crate::samples::wrong("before-the-log"), None),
    ]
}
