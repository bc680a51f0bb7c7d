//! `GET /v1/administrators/{id}`: one account.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Uri};
use mfa_ledger_api::administrators::AdministratorBody;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_ledger::service::Caller;
use mfa_ledger_schemas::AdministratorId;

use super::{Account, SEES_ACCOUNTS, account, mfa_available, sees_mfa};
use crate::past::{AsOf, noted};
use crate::receipt::etag;
use crate::{App, Meta, Params, PathId, Problem, Signed};

/// One account; everybody sees their own.
///
/// With `as_of`, as it was at that moment, for whoever may see all accounts now; names and addresses as far as they
/// still exist. That is recorded as reading.
#[utoipa::path(
    get, path = "/v1/administrators/{id}", tag = "administrators",
    params(("id" = AdministratorId, Path, description = "The administrator"), AsOf),
    responses((status = 200, description = "The account; its version is the `ETag`", body = AdministratorBody)),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    meta: Meta,
    uri: Uri,
    PathId(id): PathId<AdministratorId>,
    Params(AsOf { as_of }): Params<AsOf>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<AdministratorBody>), Problem> {
    let body = match as_of {
        None => account(&app, &caller, id)?,
        Some(moment) => {
            let (call, about) =
                (meta.call(&app, caller.clone(), &[], false), format!("account&administrator={id}"));
            noted(&app, call, SEES_ACCOUNTS, &about, &uri).await?;
            then(&app, &caller, id, moment).await?
        }
    };
    Ok(([etag(body.version)], Json(body)))
}

async fn then(
    app: &App,
    caller: &Caller,
    id: AdministratorId,
    moment: Moment,
) -> Result<AdministratorBody, Problem> {
    let past = app.service.as_of_administrator(moment, id).await?;
    let sees = app.service.query(caller, SEES_ACCOUNTS, |state, now| sees_mfa(state, caller, now))?;
    let sees_mfa = sees && mfa_available(&past.state);
    let it = past.state.directory.administrator(id).ok_or_else(|| Problem::new("not-found"))?;
    Ok(Account::of(&past.state, it, sees_mfa, past.at).unseal(app))
}
