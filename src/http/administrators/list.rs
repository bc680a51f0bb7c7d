//! `GET /v1/administrators`: the accounts.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::{Caller, Moment, Past, policy};
use mfa_ledger_schemas::{AdministratorId, MfaStatus, RefusalCode, RoleId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Account, SEES_ACCOUNTS, SEES_MFA, mfa_available, sees_mfa};
use crate::App;
use crate::cursor::{AdministratorCursor, behind};
use crate::list::{self, Format};
use crate::meta::Meta;
use crate::past::noted;
use crate::problem::Problem;
use crate::query::Params;
use crate::signed::Signed;

const COLUMNS: &[&str] = &[
    "id",
    "user_name",
    "display_name",
    "emails",
    "role.id",
    "role.name",
    "super_administrator",
    "active",
    "frozen",
    "registered_at",
    "last_log_in",
    "mfa.status",
    "mfa.required",
    "unreadable",
];

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// One of these; repeatable.
    #[serde(default)]
    #[param(required = false)]
    id: Vec<AdministratorId>,
    /// With this MFA status; for those who may see it.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    mfa: Option<MfaStatus>,
    /// With this role.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    role: Option<RoleId>,
    /// With this text in user name, display name or an e-mail address.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false)]
    q: Option<Name>,
    /// Most entries of a page.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(minimum = 1, maximum = 1000, default = 100, nullable = false)]
    limit: Option<u32>,
    /// The cursor: `next` of the page before.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    after: Option<AdministratorCursor>,
    /// As it was at a moment: an RFC 3339 time, or a position in the log in digits.
    #[serde(default, deserialize_with = "crate::query::given")]
    #[param(nullable = false, inline)]
    as_of: Option<Moment>,
}

/// The accounts, by id, and so by age to the millisecond.
///
/// `mfa` is `null` unless the caller may see MFA status. As JSON, NDJSON or CSV, by `Accept`. With `as_of`, as they
/// were at that moment, for whoever may see them now; names and addresses as far as they still exist. That is
/// recorded as reading.
#[utoipa::path(
    get, path = "/v1/administrators", tag = "administrators", params(Wanted),
    responses((status = 200, description = "A page of accounts", content(
        (Page<AdministratorBody> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    Params(wanted): Params<Wanted>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = list::limit(wanted.limit)?;
    let after = wanted.after.clone().map(|cursor| cursor.mark(&app)).transpose()?;
    let past = match wanted.as_of {
        Some(moment) => {
            let call = meta.call(&app, caller.clone(), &[], false);
            noted(&app, call, SEES_ACCOUNTS, "administrators", &uri).await?;
            Some(app.service.as_of_everyone(moment).await?)
        }
        None => None,
    };
    let accounts = candidates(&app, &caller, &wanted, after, limit, past.as_ref())?;
    let needle = wanted.q.map(|text| text.into_inner().to_lowercase());
    let mut data = Vec::new();
    for account in accounts {
        let body = account.unseal(&app);
        if needle.as_ref().is_none_or(|needle| holds(&body, needle)) {
            data.push(body);
        }
        if data.len() > limit {
            break;
        }
    }
    let page = Page::of(data, limit, |last| behind(&app, last.id));
    Ok(list::answer(Format::of(&headers), page, COLUMNS, &uri))
}

/// The accounts that fit as far as the state tells. Names are sealed: whether those fit is seen later, so
/// that a search takes all of them.
fn candidates(
    app: &App,
    caller: &Caller,
    wanted: &Wanted,
    after: Option<AdministratorId>,
    limit: usize,
    past: Option<&Past>,
) -> Result<Vec<Account>, Problem> {
    let most = if wanted.q.is_some() { usize::MAX } else { limit + 1 };
    app.service.query(caller, SEES_ACCOUNTS, |present, now| {
        let (state, at) = past.map_or((present, now), |past| (&*past.state, past.at));
        if wanted.mfa.is_some() {
            if !mfa_available(present) || !mfa_available(state) {
                return Err(Problem::code_of(RefusalCode::MfaNotAvailable));
            }
            policy::may(present, caller, SEES_MFA, now)
                .map_err(|code| code.map_or_else(Problem::unauthenticated, Problem::code_of))?;
        }
        let sees_mfa = sees_mfa(present, caller, now) && mfa_available(state);
        let fits = state.directory.administrators().filter(|it| {
            after.is_none_or(|after| it.id > after)
                && (wanted.id.is_empty() || wanted.id.contains(&it.id))
                && wanted.role.as_ref().is_none_or(|role| it.role == *role)
                && wanted.mfa.is_none_or(|mfa| it.mfa.status(at) == mfa)
        });
        Ok(fits.take(most).map(|it| Account::of(state, it, sees_mfa, at)).collect())
    })?
}

fn holds(body: &AdministratorBody, needle: &str) -> bool {
    let texts = [Some(&body.user_name), body.display_name.as_ref()];
    texts.into_iter().flatten().chain(&body.emails).any(|text| text.to_lowercase().contains(needle))
}
