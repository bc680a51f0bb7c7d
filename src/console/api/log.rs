//! `/v1/log`.

use futures_util::future::try_join;
use mfa_ledger_api::log::LogKeys;

use super::{Asking, Trouble};

/// The keys of the log and its newest checkpoint; nothing while there is none.
pub(crate) async fn sealed(api: &Asking) -> Result<Option<(Vec<String>, String)>, Trouble> {
    match try_join(api.get::<LogKeys>("/v1/log/keys"), api.text("/v1/log/checkpoint")).await {
        Ok((keys, checkpoint)) => Ok(Some((keys.keys, checkpoint))),
        Err(trouble) if is_unproven(&trouble) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// Whether it says that nothing can be proved now.
pub(crate) fn is_unproven(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused(problem) if problem.is("proof-unavailable"))
}
