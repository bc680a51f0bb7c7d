//! Every new checkpoint goes to the anchors and witnesses of the configuration, and their cosignatures to the checkpoint.

use std::sync::Arc;

use crate::config::Config;
use crate::data_dir::{Opened, StartError, anchors};
use crate::follow::anchor::{Anchors, Memory, Setup};

/// Starts with the newest checkpoint.
pub(super) fn start(config: &Config, opened: &Opened) -> Result<Anchors, StartError> {
    let (means, sealer) = (opened.means(), Arc::clone(&opened.sealer));
    let memory = Memory::open(anchors::places(config), means.disk.clone());
    let (anchors, mut cosigned) = Anchors::start(Setup {
        targets: anchors::targets(config)?,
        sealed: sealer.watch(),
        tiles: sealer.tiles().clone(),
        verifiers: sealer.verifiers(),
        memory: Arc::new(memory.map_err(StartError::AnchorMemory)?),
        disk: means.disk,
        clock: means.clock,
        chance: means.chance,
    });
    // It ends with the last of the tasks that cosignatures come from.
    tokio::spawn(async move {
        while let Some(cosigned) = cosigned.recv().await {
            sealer.cosign(cosigned.size, cosigned.signature);
        }
    });
    Ok(anchors)
}
