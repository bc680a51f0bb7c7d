//! Whether the anchors and witnesses of the configuration answer, and know this log.

use super::{Context, Outcome};
use crate::data_dir::StartError;
use crate::error_chain::error_chain;
use crate::follow::anchor::AnchorError;

pub(super) fn check(context: &Context) -> Outcome {
    let look = match context.look() {
        Ok(look) => look,
        Err(skipped) => return skipped,
    };
    let said = match &look.anchors {
        Ok(said) => said,
        Err(error) => return Outcome::refused(error),
    };
    let others = said.iter().filter(|one| matches!(one.remembered, Err(AnchorError::NotConfigured)));
    let others: Vec<_> = others.map(|one| one.source.as_str()).collect();
    let asked = said.len() - others.len();
    if said.is_empty() {
        return Outcome::ok(
            "there are none: that this directory was put back as it once was is only found by a checkpoint that \
            somebody has kept",
        );
    }
    let (mut silent, mut least) = (Vec::new(), u64::MAX);
    for one in said {
        match &one.remembered {
            Ok(known) => least = least.min(known.as_ref().map_or(0, |signed| signed.checkpoint.size)),
            Err(AnchorError::Failed(why)) => silent.push(format!("{}: {why}", one.source)),
            Err(AnchorError::NotConfigured) => {}
            Err(AnchorError::HoldsLess(why)) => {
                let (anchor, why) = (one.source.clone(), why.clone());
                return Outcome::refused(&StartError::AnchorHoldsLess { anchor, why });
            }
            Err(error) => {
                let detail = format!("{} knows another log: {}", one.source, error_chain(error));
                let advice = "find out which of the two was changed, before anything is started";
                return Outcome { altered: true, ..Outcome::fail(detail, advice) };
            }
        }
    }
    if let Some(fault) = look.anchor_memory.first() {
        let advice = "what the anchors held is read from the file beside the signing keys; the server writes this \
            one again with the next checkpoint. A backup does not hold it, so a restored directory lacks it. Otherwise \
            find out what damaged or removed it";
        return Outcome::warn(fault, advice);
    }
    if let Some(other) = others.first() {
        let detail = format!("remembered, and not in the configuration: {}", others.join(", "));
        let advice = format!(
            "put it back into log.anchors or log.witnesses. If it is no longer used, say so with the server stopped: \
            mfa-ledger anchors forget \"{other}\" --reason \"why\""
        );
        return Outcome::warn(detail, advice);
    }
    if silent.is_empty() {
        return Outcome::ok(format!("{asked} of them, which know the first {least} records or more"));
    }
    let advice = "let the server reach them: what cannot be asked says nothing of a log that was put back";
    Outcome::warn(silent.join("; "), advice)
}
