//! `/console/administrators`: the guide's "View Administrators".

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use futures_util::future::try_join;
use mfa_ledger_api::administrators::{AdministratorBody, RoleName};
use mfa_ledger_api::page::Page as Found;
use mfa_ledger_schemas::{MfaStatus, RoleId};
use serde::Deserialize;

use crate::api::pairs;
use crate::past::{Asked, Machine};
use crate::{Console, Frame, Inside, Trouble, chosen, fill, given, page, with_query, words};

words! {
    title search search_hint mfa role any submit name user_name role_head status last_log_in never required super_administrator
    inactive frozen count_one count_many enabled_count missing_count required_missing_count empty empty_hint clear
    more previous next_page page_of caption you
}

const PATH: &str = "/console/administrators";

/// Rows of a page.
const ROWS: usize = 50;

/// Accounts that are looked through; whoever has more narrows the search.
const MOST: usize = 20_000;

#[derive(Template)]
#[template(path = "pages/administrators/list.html")]
struct Page {
    frame: Frame,
    wanted: Wanted,
    machine: Machine,
    roles: Vec<RoleName>,
    counts: Counts,
    rows: Vec<AdministratorBody>,
    /// Accounts that fit, on all pages.
    total: usize,
    more: bool,
    sees_mfa: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    #[serde(deserialize_with = "given")]
    q: Option<String>,
    #[serde(deserialize_with = "chosen")]
    mfa: Option<MfaStatus>,
    #[serde(deserialize_with = "chosen")]
    role: Option<RoleId>,
    sort: Sort,
    /// From 0 on.
    page: usize,
}

/// By what the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    #[default]
    Name,
    UserName,
    Role,
    Status,
    LastLogIn,
}

/// How many there are, whatever their status.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    enabled: usize,
    missing: usize,
    required_missing: usize,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show))
}

async fn show(
    Inside(visit): Inside,
    Query(wanted): Query<Wanted>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let machine = asked.machine(&visit)?;
    let as_of = machine.parameter();
    let role = wanted.role.as_ref().map(RoleId::as_str).unwrap_or_default();
    let q = wanted.q.as_deref().unwrap_or_default();
    let query = [("q", q), ("role", role), ("as_of", &as_of)];
    let found = visit.api.list("/v1/administrators", &query, MOST);
    let (found, roles): (_, Found<RoleName>) = try_join(found, visit.api.get("/v1/roles?limit=1000")).await?;
    Ok(page(StatusCode::OK, &Page::of(visit.frame, wanted, machine, roles.data, found)))
}

impl Page {
    fn of(
        frame: Frame,
        wanted: Wanted,
        machine: Machine,
        roles: Vec<RoleName>,
        found: Found<AdministratorBody>,
    ) -> Self {
        let sees_mfa = found.data.iter().any(|it| it.mfa.is_some());
        let counts = Counts::of(&found.data);
        let mut rows = found.data;
        rows.retain(|it| wanted.mfa.is_none_or(|mfa| it.mfa.as_ref().is_some_and(|it| it.status == mfa)));
        wanted.sort.sort(&mut rows);
        let total = rows.len();
        let rows = rows.into_iter().skip(wanted.page.saturating_mul(ROWS)).take(ROWS).collect();
        Self { frame, wanted, machine, roles, counts, rows, total, more: found.next.is_some(), sees_mfa }
    }

    /// The same list in another way.
    fn link(&self, sort: Sort, number: usize) -> String {
        let mut query = self.kept(sort, number);
        query.push(("as_of", self.machine.parameter()));
        with_query(PATH, &pairs(&query))
    }

    /// What the time machine leaves as it is.
    fn narrowed(&self) -> Vec<(&'static str, String)> {
        self.kept(self.wanted.sort, 0)
    }

    fn kept(&self, sort: Sort, number: usize) -> Vec<(&'static str, String)> {
        let wanted = &self.wanted;
        vec![
            ("q", wanted.q.clone().unwrap_or_default()),
            ("mfa", wanted.mfa.map(|mfa| mfa.name().to_owned()).unwrap_or_default()),
            ("role", wanted.role.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("sort", if sort == Sort::Name { String::new() } else { sort.name().to_owned() }),
            ("page", if number == 0 { String::new() } else { number.to_string() }),
        ]
    }

    /// An account as of the same moment.
    fn account(&self, row: &AdministratorBody) -> String {
        self.machine.link(&format!("{PATH}/{}", row.id))
    }

    fn sorts(&self) -> Vec<(Sort, &'static str)> {
        let t = &self.frame.t.administrators;
        let mut sorts: Vec<(Sort, &'static str)> = vec![(Sort::Name, &t.name)];
        if self.sees_mfa {
            sorts.push((Sort::Status, &t.status));
        }
        sorts.extend([(Sort::UserName, t.user_name.as_str()), (Sort::Role, t.role_head.as_str())]);
        sorts.push((Sort::LastLogIn, &t.last_log_in));
        sorts
    }

    fn previous(&self) -> Option<String> {
        let number = self.wanted.page.checked_sub(1)?;
        Some(self.link(self.wanted.sort, number))
    }

    fn next(&self) -> Option<String> {
        let behind = (self.wanted.page + 1).saturating_mul(ROWS);
        (self.total > behind).then(|| self.link(self.wanted.sort, self.wanted.page + 1))
    }

    /// Which page it is, where there are several.
    fn page_of(&self) -> Option<String> {
        let pages = self.total.div_ceil(ROWS);
        let page = self.wanted.page.saturating_add(1);
        let text = &self.frame.t.administrators.page_of;
        (pages > 1).then(|| fill(text, &[("page", &page), ("pages", &pages)]))
    }

    fn is_narrowed(&self) -> bool {
        self.wanted.q.is_some() || self.wanted.mfa.is_some() || self.wanted.role.is_some()
    }
}

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::UserName => "user_name",
            Self::Role => "role",
            Self::Status => "status",
            Self::LastLogIn => "last_log_in",
        }
    }

    fn sort(self, rows: &mut [AdministratorBody]) {
        rows.sort_by_cached_key(|it| {
            let name = it.shown().to_lowercase();
            match self {
                Self::Name => (String::new(), name),
                Self::UserName => (it.user_name.to_lowercase(), name),
                Self::Role => (it.role.shown().to_lowercase(), name),
                // Those without MFA first.
                Self::Status => {
                    (it.mfa.as_ref().map(|it| it.status.code().to_string()).unwrap_or_default(), name)
                }
                // The latest first, then those who never logged in.
                Self::LastLogIn => {
                    let ago = it.last_log_in.map_or(i64::MAX, |at| i64::MAX - 1 - at.unix_ms());
                    (format!("{ago:020}"), name)
                }
            }
        });
    }
}

impl Counts {
    fn of(accounts: &[AdministratorBody]) -> Self {
        let mut counts = Self::default();
        for mfa in accounts.iter().filter(|it| it.active).filter_map(|it| it.mfa.as_ref()) {
            let enabled = mfa.status == MfaStatus::Enabled;
            counts.enabled += usize::from(enabled);
            counts.missing += usize::from(!enabled);
            counts.required_missing += usize::from(!enabled && mfa.required);
        }
        counts
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |wanted: Wanted, numbers: std::ops::Range<u8>, sees_mfa: bool| {
        let mut data: Vec<_> = numbers.map(crate::samples::account).collect();
        if !sees_mfa {
            for it in &mut data {
                it.mfa = None;
            }
        }
        let role = crate::samples::account(1).role;
        let past = wanted.page == 1;
        let found = Found { data, has_more: false, next: Some("x".to_owned()) };
        Page::of(Frame::sample(lang), wanted, Machine::sample(past), vec![role], found)
            .render()
            .expect("it renders")
    };
    let wanted = Wanted {
        q: Some("\"><script>".to_owned()),
        mfa: Some(MfaStatus::Pending),
        role: Some("general-staff".parse().expect("a role id")),
        sort: Sort::Status,
        page: 1,
    };
    vec![
        draw(Wanted::default(), 1..60, true),
        draw(wanted, 1..4, true),
        draw(Wanted { sort: Sort::LastLogIn, page: 1, ..Wanted::default() }, 1..120, false),
        draw(Wanted::default(), 0..0, false),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_as_asked() {
        let mut rows: Vec<_> = (1..4).map(crate::samples::account).collect();
        Sort::LastLogIn.sort(&mut rows);
        assert_eq!(rows[0].user_name, "dana.reyes3", "the latest first");
        Sort::UserName.sort(&mut rows);
        assert_eq!(rows[0].user_name, "dana.reyes1");
        rows[0].last_log_in = None;
        Sort::LastLogIn.sort(&mut rows);
        assert_eq!(rows[2].user_name, "dana.reyes1", "never is last");
    }

    #[test]
    fn a_page_has_fifty_rows_and_the_next_one_the_rest() {
        let found =
            || Found { data: (0..51).map(crate::samples::account).collect(), has_more: false, next: None };
        let of = |page| {
            let wanted = Wanted { page, ..Wanted::default() };
            Page::of(
                Frame::sample(crate::texts::Lang::En),
                wanted,
                Machine::sample(false),
                Vec::new(),
                found(),
            )
        };
        assert_eq!(
            (of(0).rows.len(), of(0).next().as_deref()),
            (ROWS, Some("/console/administrators?page=1"))
        );
        assert_eq!((of(1).rows.len(), of(1).next()), (1, None));
        assert_eq!((of(2).rows.len(), of(usize::MAX).rows.len()), (0, 0));
    }
}
