//! `GET /v1/administrators`: the accounts.

use axum::extract::State;
use axum::response::Response;
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::page::Page;
use mfa_ledger_api::text::Name;
use mfa_ledger_ledger::service::{Caller, Past, policy};
use mfa_ledger_schemas::{AdministratorId, MfaStatus, RefusalCode, RoleId};

use super::{Account, SEES_ACCOUNTS, SEES_MFA, mfa_available, sees_mfa};
use crate::cursor::AdministratorCursor;
use crate::list_query::list_params;
use crate::past::noted;
use crate::{App, ListQuery, Meta, Problem, Signed};

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

list_params! {
    /// Which accounts.
    list Wanted by AdministratorCursor {
        /// One of these; repeatable.
        id: Vec<AdministratorId>,
        /// With this MFA status; for those who may see it.
        mfa: MfaStatus,
        /// With this role.
        role: RoleId,
        /// With this text in user name, display name or an e-mail address.
        q: Name,
    } {
        /// As it was at a moment: an RFC 3339 time, or a position in the log in digits.
        #[param(inline)]
        as_of: Moment,
    }
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
    page: ListQuery<Wanted>,
) -> Result<Response, Problem> {
    let past = match page.wanted.as_of {
        Some(moment) => {
            let call = meta.call(&app, caller.clone(), &[], false);
            noted(&app, call, SEES_ACCOUNTS, "administrators", &page.uri).await?;
            Some(app.service.as_of_everyone(moment).await?)
        }
        None => None,
    };
    Ok(page.send(found(&app, &caller, &page, past.as_ref())?, COLUMNS))
}

/// The page, for a caller who may see the accounts.
pub(crate) fn found(
    app: &App,
    caller: &Caller,
    page: &ListQuery<Wanted>,
    past: Option<&Past>,
) -> Result<Page<AdministratorBody>, Problem> {
    let accounts = candidates(app, caller, page, past)?;
    let needle = page.wanted.q.clone().map(|text| text.into_inner().to_lowercase());
    let mut data = Vec::new();
    for account in accounts {
        let body = account.unseal(app);
        if needle.as_ref().is_none_or(|needle| holds(&body, needle)) {
            data.push(body);
        }
        if data.len() > page.limit {
            break;
        }
    }
    Ok(page.page(app, data, |last| last.id))
}

/// The accounts that fit as far as the state tells. Names are sealed: whether those fit is seen later, so
/// that a search takes all of them.
fn candidates(
    app: &App,
    caller: &Caller,
    page: &ListQuery<Wanted>,
    past: Option<&Past>,
) -> Result<Vec<Account>, Problem> {
    let most = if page.wanted.q.is_some() { usize::MAX } else { page.most() };
    app.service.query(caller, SEES_ACCOUNTS, |present, now| {
        let (state, at) = past.map_or((present, now), |past| (&*past.state, past.at));
        if page.wanted.mfa.is_some() {
            if !mfa_available(present) || !mfa_available(state) {
                return Err(Problem::code_of(RefusalCode::MfaNotAvailable));
            }
            policy::may(present, caller, SEES_MFA, now)
                .map_err(|code| code.map_or_else(Problem::unauthenticated, Problem::code_of))?;
        }
        let sees_mfa = sees_mfa(present, caller, now) && mfa_available(state);
        let fits = state.directory.administrators().filter(|it| {
            page.is_behind(&it.id)
                && page.wanted.id.as_ref().is_none_or(|ids| ids.contains(&it.id))
                && page.wanted.role.as_ref().is_none_or(|role| it.role == *role)
                && page.wanted.mfa.is_none_or(|mfa| it.mfa.status(at) == mfa)
        });
        Ok(fits.take(most).map(|it| Account::of(state, it, sees_mfa, at)).collect())
    })?
}

fn holds(body: &AdministratorBody, needle: &str) -> bool {
    let texts = [Some(&body.user_name), body.display_name.as_ref()];
    texts.into_iter().flatten().chain(&body.emails).any(|text| text.to_lowercase().contains(needle))
}
