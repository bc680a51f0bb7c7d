//! `/v1/log`, `/checkpoint`, `/tile`: what it takes to check the log without trusting this server. Hashes and
//! signatures are for everybody; the leaves themselves take the right to export.

mod checkpoint;
mod consistency;
mod integrity;
mod keys;
mod projections;
mod tile;
mod verification;

use axum::Router;
use axum::routing::get;
use mfa_ledger_api::log::SealedLog;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_ledger::follow::seal::{ProofError, Sealer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(checkpoint::newest))
        .routes(routes!(checkpoint::at_prefix))
        .routes(routes!(consistency::consistency))
        .routes(routes!(keys::keys))
        .routes(routes!(integrity::integrity))
        .routes(routes!(projections::projections))
        .routes(routes!(verification::show))
        .routes(routes!(verification::begin))
}

/// Tiles have paths of any depth, which OpenAPI cannot describe; `c2sp.org/tlog-tiles` does.
pub(super) fn tiles() -> Router<App> {
    Router::new().route("/tile/{*path}", get(tile::tile))
}

/// The sealer; without one there are no proofs.
pub(super) fn sealer(app: &App) -> Result<&Sealer, Problem> {
    app.options.sealer.as_deref().ok_or_else(|| Problem::new("proof-unavailable"))
}

/// The newest checkpoint with the keys; nothing without a sealer.
pub(super) fn sealed(app: &App) -> Option<SealedLog> {
    let sealer = sealer(app).ok()?;
    Some(SealedLog { keys: keys::known(sealer), checkpoint: checkpoint::text(sealer) })
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::NoSuchTrees { .. } => Self::new("not-found").detail(error.to_string()),
            ProofError::NotSealed(_) => Self::new("proof-unavailable").retry_in(1),
            ProofError::Tile(_) | ProofError::Wrong(_) => {
                tracing::error!(error = error_chain(&error), "a proof cannot be made");
                Self::new("proof-unavailable")
            }
        }
    }
}
