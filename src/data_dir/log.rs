//! Opening the log of a data directory: locked, and held against what is remembered of it. The newest snapshot is
//! read meanwhile.

use std::sync::Arc;

use mfa_ledger_schemas::{Instant, LedgerId};

use super::keys::master;
use super::keys::signing::{self, Signing};
use super::meta::Meta;
use super::verify::at_start::{AtStart, Found};
use super::verify::tiles;
use super::{Means, StartError, anchors};
use crate::config::Config;
use crate::disk::Disk;
use crate::follow::seal::Begin;
use crate::follow::snapshot::{Keeping, MILESTONE, Seal, Snapshots};
use crate::follow::verified::{Occasion, Verification};
use crate::integrity::Rest;
use crate::log::embedded::{Embedded, Opening, Sizes};
use crate::tiles::TileStore;
use crate::vault::{Label, MasterKey};

/// A log that was opened, and what was begun beside it.
pub(super) struct Held {
    pub log: Embedded,
    pub opening: Opening,
    /// Where the sealer goes on.
    pub sealing: Begin,
    /// What was read of it, and found to be what was signed for.
    pub verified: Verification,
    /// What the part that was not read is to be held against.
    pub rest: Option<Rest>,
    pub beside: Beside,
}

/// What is begun before the log is read.
pub(super) struct Beside {
    /// Kept as a result: that the directory is in use, or that the log failed verification, is reported before a missing
    /// key is.
    pub master: Result<MasterKey, StartError>,
    /// None without the key.
    pub snapshots: Option<Arc<Snapshots>>,
}

/// Opens it.
pub(super) async fn open_log(config: &Config, meta: &Meta, means: &Means) -> Result<Held, StartError> {
    let (config, ledger, means) = (config.clone(), meta.ledger, means.clone());
    let open = move || open_held(&config, ledger, &means);
    tokio::task::spawn_blocking(open).await.expect("opening the log does not panic")
}

fn open_held(config: &Config, ledger: LedgerId, means: &Means) -> Result<Held, StartError> {
    let (dir, disk) = (&config.data_dir, means.disk.clone());
    let tiles = TileStore::new(dir, disk.clone());
    let inspect = || {
        let beside = Beside::begin(config, ledger, &disk);
        let signing = signing::read_or_make(config, ledger, &means.chance, &disk)?;
        let heard = anchors::heard(anchors::ask(config, &signing.keyring)?)?;
        Ok(AtStart::new(signing, heard, tiles.clone(), beside))
    };
    let sizes = Sizes {
        segment: config.log.segment_mib * 1024 * 1024,
        reread: match config.log.reread_mib {
            0 => u64::MAX,
            mib => mib * 1024 * 1024,
        },
        queue: config.log.commands_waiting,
        ..Sizes::default()
    };
    let now = || Instant::from_unix_ms(means.clock.unix_ms());
    let began = now();
    let (log, opening, found) = Embedded::open_inspected(dir, ledger.bytes(), disk.clone(), sizes, inspect)?;
    let Found { signing, sound, against, rest, beside } = found;
    let verified = Verification {
        occasion: Occasion::Start,
        began,
        ended: now(),
        first: opening.unseen.0 + 1,
        last: sound.size,
        root: sound.root,
        against,
    };
    // Those at the edge are not compared: they are small, and the sealer begins with writing them.
    let (tree, unwritten) = if sound.tiles_fit {
        (sound.builder, Vec::new())
    } else {
        tracing::info!("the tiles of the log are made anew");
        tiles::rebuild(dir, &tiles)?
    };
    let Signing { keyring, last } = signing;
    let sealing = Begin { tree, unwritten, last, keyring, data_dir: dir.clone(), disk };
    Ok(Held { log, opening, sealing, verified, rest, beside })
}

impl Beside {
    fn begin(config: &Config, ledger: LedgerId, disk: &Disk) -> Self {
        let master = master::read(config);
        let snapshots = master.as_ref().ok().map(|key| Arc::new(kept(config, ledger, key, disk)));
        if let Some(snapshots) = &snapshots {
            snapshots.read_ahead();
        }
        Self { master, snapshots }
    }
}

/// The snapshots of a ledger, sealed with its key.
fn kept(config: &Config, ledger: LedgerId, key: &MasterKey, disk: &Disk) -> Snapshots {
    let sealing = key.subkey(Label::Snapshots);
    let seal: Seal = Arc::new(move |parts| sealing.mac(parts));
    let keeping = Keeping {
        data_dir: config.data_dir.clone(),
        disk: disk.clone(),
        every: MILESTONE,
        reserve: reserve(config),
    };
    Snapshots::new(keeping, ledger, seal)
}

/// Bytes of the disk that are kept free.
pub(super) fn reserve(config: &Config) -> u64 {
    config.log.reserve_mib * 1024 * 1024
}
