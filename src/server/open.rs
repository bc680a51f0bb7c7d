//! Opening a data directory: meta, log (which takes the lock), key, vault, fold, sweep.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfa_ledger_schemas::LedgerId;

use super::held::{self, Looking};
use super::meta::Meta;
use super::signing_keys::Signing;
use super::{StartError, anchors, master_key, signing_keys, webhooks};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::disk::Disk;
use crate::follow::anchor::Anchors;
use crate::follow::seal::{Begin, Sealer};
use crate::log::Log;
use crate::log::embedded::{Embedded, Opening, Sizes};
use crate::react::deliver::Deliveries;
use crate::service::{Failure, Guard, Parts, Service};
use crate::tiles::TileStore;
use crate::vault::hashing::{HashCost, Hashing};
use crate::vault::{MasterKey, Vault};

/// A data directory with a service on it.
pub struct Opened {
    /// The service.
    pub service: Arc<Service>,
    /// Its checkpoints and proofs.
    pub sealer: Arc<Sealer>,
    /// What was found when the log was opened.
    pub opening: Opening,
    /// Where checkpoints are put besides, once it is served.
    pub anchors: Option<Arc<Anchors>>,
    /// What is delivered to webhooks, once it is served.
    pub deliveries: Option<Arc<Deliveries>>,
    log: Arc<Embedded>,
    data_dir: PathBuf,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
}

/// Opens a ledger that was initialised.
pub async fn open(config: &Config, clock: Arc<Clock>, chance: Arc<Chance>) -> Result<Opened, StartError> {
    let dir = &config.data_dir;
    let meta = Meta::read(dir)?.ok_or_else(|| StartError::NotInitialised(dir.clone()))?;
    let opened = open_ledger(config, &meta, clock, chance, || master_key::read(config)).await?;
    if !opened.has_administrators() {
        opened.close().await?;
        return Err(StartError::NotInitialised(dir.clone()));
    }
    Ok(opened)
}

/// Opens the ledger of this meta file, whatever it holds. The key is asked for once the directory is ours,
/// so that whoever finds it taken needs no key to learn that.
pub(super) async fn open_ledger(
    config: &Config,
    meta: &Meta,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
    key: impl FnOnce() -> Result<MasterKey, StartError>,
) -> Result<Opened, StartError> {
    let data_dir = config.data_dir.clone();
    let (log, opening, begin_sealing) = open_log(config, meta, Arc::clone(&chance)).await?;
    tell(&opening, &data_dir);
    let log = Arc::new(log);
    let (time, draws) = (Arc::clone(&clock), Arc::clone(&chance));
    let begun = begin(config, meta, &log, begin_sealing, time, draws, key).await;
    match begun {
        Ok((service, sealer)) => {
            let (service, sealer) = (Arc::new(service), Arc::new(sealer));
            Ok(Opened {
                service,
                sealer,
                opening,
                anchors: None,
                deliveries: None,
                log,
                data_dir,
                clock,
                chance,
            })
        }
        Err(error) => {
            // The reason why nothing starts matters more than how the log closed.
            let _unheard = log.close().await;
            Err(error)
        }
    }
}

async fn open_log(
    config: &Config,
    meta: &Meta,
    chance: Arc<Chance>,
) -> Result<(Embedded, Opening, Begin), StartError> {
    let (config, ledger) = (config.clone(), meta.ledger);
    let open = move || open_held(&config, ledger, &chance);
    tokio::task::spawn_blocking(open).await.expect("opening the log does not panic")
}

/// Opens the log, held against what is remembered of it.
fn open_held(
    config: &Config,
    ledger: LedgerId,
    chance: &Chance,
) -> Result<(Embedded, Opening, Begin), StartError> {
    let (dir, disk) = (&config.data_dir, Disk::real());
    let tiles = TileStore::new(dir, disk.clone());
    let remember = || signing_keys::read_or_make(config, ledger, chance, &disk);
    let elsewhere = |signing: &Signing| anchors::remembered(anchors::ask(config, &signing.keyring)?);
    let mut looking = Looking::new(tiles.clone(), remember, elsewhere);
    let sizes = Sizes {
        segment: config.log.segment_mib * 1024 * 1024,
        queue: config.log.commands_waiting,
        ..Sizes::default()
    };
    let opened = Embedded::open_inspected(dir, ledger.bytes(), disk.clone(), sizes, &mut looking);
    let (log, opening) = opened.map_err(held::refusal)?;
    let (signing, sound) = looking.found();
    let tree = if sound.tiles_fit {
        // Those at the edge are not compared: they are small, and written anew with every checkpoint.
        tiles.write_edge(&sound.builder).map_err(StartError::io(dir))?;
        sound.builder
    } else {
        tracing::info!("the tiles of the log are made anew");
        held::rebuild_tiles(dir, &tiles)?
    };
    let begin =
        Begin { tree, last: signing.current(), keyring: signing.keyring, data_dir: dir.clone(), disk };
    Ok((log, opening, begin))
}

async fn begin(
    config: &Config,
    meta: &Meta,
    log: &Arc<Embedded>,
    sealing: Begin,
    clock: Arc<Clock>,
    chance: Arc<Chance>,
    key: impl FnOnce() -> Result<MasterKey, StartError>,
) -> Result<(Service, Sealer), StartError> {
    let master = key()?;
    let cost = HashCost {
        memory_kib: config.hashing.memory_kib,
        passes: config.hashing.passes,
        lanes: config.hashing.lanes,
    };
    let hashing = Arc::new(Hashing::start(cost).map_err(StartError::Hashing)?);
    let (dir, key, draws) = (config.data_dir.join("vault"), master.clone(), Arc::clone(&chance));
    let open = move || Vault::open(&dir, &key, Disk::real(), draws);
    let vault = tokio::task::spawn_blocking(open).await.expect("opening the vault does not panic")?;
    let reserve = config.log.reserve_mib * 1024 * 1024;
    let guard = Guard::start(Disk::real(), &config.data_dir, reserve).await;
    let (log, ledger) = (Arc::clone(log) as Arc<dyn Log>, meta.ledger);
    let sealer = Sealer::start(&log, sealing).map_err(StartError::Seal)?;
    let service = Service::start(Parts { log, vault, master, hashing, clock, chance, ledger, guard });
    service.catch_up().await.map_err(StartError::Projection)?;
    match service.sweep().await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "vault entries that nothing names any more were destroyed"),
        Err(Failure::ReadOnly(_)) => {
            tracing::warn!(
                "what nothing in the vault names any more is left to a start with room on the disk"
            );
        }
        Err(failure) => return Err(StartError::Failed(failure)),
    }
    Ok((service, sealer))
}

fn tell(opening: &Opening, dir: &Path) {
    let Opening { head, segments, clean, caught_up, rebuilt, cut } = opening;
    tracing::info!(dir = %dir.display(), %head, segments, clean, "the log is open");
    if *caught_up > 0 {
        tracing::info!(records = caught_up, "the reading copy was behind and was caught up from the journal");
    }
    if let Some(rebuilt) = rebuilt {
        let aside = rebuilt.aside.as_ref().map(|path| path.display().to_string());
        let (why, records) = (&rebuilt.why, rebuilt.records);
        tracing::warn!(why, records, aside, "the reading copy was rebuilt from the journal; nothing is lost");
    }
    if let Some(cut) = cut {
        let (file, position, bytes) = (cut.file.display(), cut.position, cut.bytes);
        tracing::warn!(%file, %position, bytes, "a torn end was cut off; nobody had been answered for it");
    }
}

impl Opened {
    /// Whether anybody could ever log in.
    pub(super) fn has_administrators(&self) -> bool {
        self.service.peek(|state| state.directory.administrators().next().is_some())
    }

    /// Where it lies.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Puts checkpoints to the anchors and witnesses of the configuration from here on.
    pub(super) fn anchor(&mut self, config: &Config) -> Result<(), StartError> {
        let (clock, chance) = (Arc::clone(&self.clock), Arc::clone(&self.chance));
        self.anchors = Some(Arc::new(anchors::start(config, &self.sealer, clock, chance)?));
        Ok(())
    }

    /// Delivers to the webhooks from here on.
    pub(super) fn deliver(&mut self, config: &Config) -> Result<(), StartError> {
        let (clock, chance) = (Arc::clone(&self.clock), Arc::clone(&self.chance));
        self.deliveries = Some(Arc::new(webhooks::start(config, &self.service, clock, chance)?));
        Ok(())
    }

    /// Why the log takes no more commands, if that is so.
    pub fn poisoned(&self) -> Option<String> {
        self.log.poisoned().map(str::to_owned)
    }

    /// Writes what waits, syncs, and lets go of the directory.
    pub async fn close(self) -> Result<(), StartError> {
        if let Some(deliveries) = &self.deliveries {
            webhooks::close(deliveries).await;
        }
        let sealed = self.sealer.close().await;
        if let Some(anchors) = &self.anchors {
            anchors::close(anchors).await;
        }
        self.log.close().await.map_err(StartError::Close)?;
        sealed.map_err(StartError::Seal)
    }
}
