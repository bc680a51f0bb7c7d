//! The store: opening, reading, and the door to the writer.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;

use mfa_ledger_base::chance::Chance;
use mfa_ledger_base::disk::{Disk, DiskFile, parent};
use mfa_ledger_base::vitals::{ANSWER_WITHIN, Vitals};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::MasterKey;
use super::damage::{Flaw, Found, Stray, pair};
use super::doubt::{self, Extent};
pub use super::error::{OpenError, VaultError};
use super::header::{self, Refused, SEALED_HEADER_BYTES, SLOTS_HEADER_BYTES, VaultId};
use super::seal::{Broken, EntryId, Purpose, Sealer};
use super::sealed::{self, Place};
use super::slots::{Slots, WRAPPED_BYTES, Wrapped};
use super::writer::{self, Work, Writer};

/// The longest secret an entry holds, bytes.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;

/// Puts and destructions that wait for the writer before callers wait to hand theirs over.
const QUEUE: usize = 1024;

pub(super) const SLOTS: &str = "slots";
pub(super) const SEALED: &str = "sealed";
pub(super) const SEALED_NEW: &str = "sealed.new";
const SLOTS_NEW: &str = "slots.new";

/// Sealed secrets in a directory; the law is in the [module docs](super). One process per directory:
/// the lock is the business of whoever owns the data directory.
pub struct Vault {
    id: VaultId,
    missing_slots: u32,
    catalog: Arc<RwLock<Catalog>>,
    sealer: Sealer,
    chance: Arc<Chance>,
    pub(super) vitals: Arc<Vitals>,
    /// `None` once it is dropped.
    pub(super) work: Option<mpsc::Sender<Work>>,
    pub(super) writer: Mutex<Option<Handle>>,
}

type Handle = JoinHandle<Result<(), Arc<io::Error>>>;

/// What can be read: changed by the writer alone, once a batch is durable.
pub(super) struct Catalog {
    pub entries: HashMap<EntryId, Entry>,
    pub sealed: Arc<DiskFile>,
    /// Slots in use that open no frame.
    pub strays: Vec<Stray>,
}

/// A live entry.
pub(super) struct Entry {
    pub slot: u32,
    pub wrapped: Wrapped,
    pub place: Place,
    /// What was wrong with it when it was last read.
    pub flaw: Option<Flaw>,
}

impl Vault {
    /// Opens the vault in `dir`, or makes a new one where there is none.
    pub fn open(dir: &Path, master: &MasterKey, disk: Disk, chance: Arc<Chance>) -> Result<Self, OpenError> {
        Self::open_compacting(dir, master, disk, chance, writer::COMPACT_ABOVE_BYTES)
    }

    /// Whether a directory holds a vault, or what is left of one.
    pub fn is_in(dir: &Path) -> bool {
        let len = |name| std::fs::metadata(dir.join(name)).map_or(0, |file| file.len());
        // The sealed file comes first: alone and without entries, it is the work of a crash.
        dir.join(SLOTS).exists() || len(SEALED) > SEALED_HEADER_BYTES as u64
    }

    /// As [`Vault::open`], with a limit of garbage (bytes) that a test can reach.
    pub fn open_compacting(
        dir: &Path,
        master: &MasterKey,
        disk: Disk,
        chance: Arc<Chance>,
        compact_above: u64,
    ) -> Result<Self, OpenError> {
        let sealer = Sealer::new(master);
        let Loaded { id, slots, catalog, sealed_end } = load(dir, &sealer, &disk, &chance)?;
        let missing_slots = slots.missing();
        let catalog = Arc::new(RwLock::new(catalog));
        let (work, queue) = mpsc::channel(QUEUE);
        let vitals = Arc::new(Vitals::default());
        let told = Arc::clone(&vitals);
        let writer = Writer::new(dir, disk, slots, Arc::clone(&catalog), sealed_end, compact_above, told);
        let writer = std::thread::Builder::new()
            .name("vault-writer".into())
            .spawn(move || writer.run(queue))
            .map_err(io_in(dir))?;
        let writer = Mutex::new(Some(writer));
        Ok(Self { id, missing_slots, catalog, sealer, chance, vitals, work: Some(work), writer })
    }

    /// Seals a secret under an id that no live entry has; durable when this returns `Ok`.
    pub async fn put(
        &self,
        id: EntryId,
        purpose: Purpose,
        owner: [u8; 16],
        secret: Zeroizing<Vec<u8>>,
    ) -> Result<(), VaultError> {
        if secret.len() > MAX_SECRET_BYTES {
            return Err(VaultError::TooLarge);
        }
        let sealed = self.sealer.seal(id, purpose, owner, &secret, &self.chance);
        drop(secret);
        self.ask(|reply| Work::Put { id, sealed, reply }).await
    }

    /// The secret of an entry; `None` when it was destroyed or never put.
    pub fn read(
        &self,
        id: EntryId,
        purpose: Purpose,
        owner: [u8; 16],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let (file, wrapped, place, flaw) = {
            let catalog = self.catalog();
            let Some(entry) = catalog.entries.get(&id) else {
                return if catalog.has_stray(id) { Err(VaultError::Damaged) } else { Ok(None) };
            };
            (Arc::clone(&catalog.sealed), entry.wrapped.clone(), entry.place, entry.flaw)
        };
        let (found, opened) = match sealed::read(&file, place) {
            Err(error) => (Some(Flaw::Disk), Err(VaultError::Unreadable(Arc::new(error)))),
            Ok(bytes) => self.open_frame((id, purpose, owner), &wrapped, &bytes),
        };
        if found != flaw {
            self.note(id, place, found);
        }
        opened.map(Some)
    }

    fn open_frame(
        &self,
        (id, purpose, owner): (EntryId, Purpose, [u8; 16]),
        wrapped: &[u8; WRAPPED_BYTES],
        bytes: &[u8],
    ) -> (Option<Flaw>, Result<Zeroizing<Vec<u8>>, VaultError>) {
        let Some(frame) = sealed::parse_frame(bytes).filter(|frame| frame.id == id) else {
            return (Some(Flaw::SealedBytes), Err(VaultError::Damaged));
        };
        match self.sealer.open((id, purpose, owner), wrapped, frame.nonce, frame.ciphertext) {
            Ok(secret) => (None, Ok(secret)),
            Err(Broken::Key) => (Some(Flaw::Key), Err(VaultError::Damaged)),
            Err(Broken::Entry) => (Some(Flaw::Content), Err(VaultError::Mismatch)),
        }
    }

    /// Notes what a reading has found, unless the entry was moved or destroyed meanwhile.
    fn note(&self, id: EntryId, place: Place, flaw: Option<Flaw>) {
        let mut catalog = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = catalog.entries.get_mut(&id).filter(|entry| entry.place == place) {
            entry.flaw = flaw;
        }
    }

    pub(super) fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Destroys the entries with these ids, tells how many of them there were. Those that are gone
    /// already count as done: asking again is harmless.
    pub async fn destroy(&self, ids: &[EntryId]) -> Result<usize, VaultError> {
        let ids = ids.to_vec();
        self.ask(|reply| Work::Destroy { ids, reply }).await
    }

    /// Whether there is an entry, damaged or not.
    pub fn holds(&self, id: EntryId) -> bool {
        self.catalog().holds(id)
    }

    /// The ids of all entries, in order: for the sweep that destroys what nothing names any more. A damaged entry is
    /// among them where its id is beyond doubt.
    pub fn ids(&self) -> Vec<EntryId> {
        let catalog = self.catalog();
        let strays = catalog.strays.iter().filter(|stray| stray.is_confirmed()).map(|stray| stray.id);
        let mut ids: Vec<_> = catalog.entries.keys().copied().chain(strays).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// How many key slots were missing at the end of their file when the vault was opened: they may have been in use.
    pub fn missing_slots(&self) -> u32 {
        self.missing_slots
    }

    /// The id that both files of this vault carry.
    pub fn id(&self) -> VaultId {
        self.id
    }

    async fn ask<T>(
        &self,
        work: impl FnOnce(oneshot::Sender<Result<T, VaultError>>) -> Work,
    ) -> Result<T, VaultError> {
        let gone = || unavailable("the vault's writer has ended");
        self.admit()?;
        let (reply, answer) = oneshot::channel();
        let queue = self.work.as_ref().ok_or_else(gone)?;
        let asked = async {
            queue.send(work(reply)).await.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?
        };
        // What was asked for stays in the queue, and may be done later.
        let late = |_| Err(unavailable("the vault's writer has not answered in time"));
        tokio::time::timeout(ANSWER_WITHIN, asked).await.unwrap_or_else(late)
    }
}

impl Drop for Vault {
    /// Waits for the writer, so that a directory can be reopened as soon as its vault is dropped.
    fn drop(&mut self) {
        self.work = None;
        if let Some(writer) = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever wants to know how it ended calls `close`.
            let _unheard = writer.join();
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(***)")
    }
}

pub(super) fn unavailable(why: &str) -> VaultError {
    VaultError::Unavailable(Arc::new(io::Error::other(why)))
}

/// For reading a file of a vault: one that is not there is damage, as it is to a start.
pub(super) fn absent_in<'p>(dir: &'p Path, path: &'p Path) -> impl Fn(io::Error) -> OpenError {
    move |source| match source.kind() {
        io::ErrorKind::NotFound if dir.is_dir() => damaged(path, 0, "it is missing"),
        _ => OpenError::Io { dir: dir.into(), source },
    }
}

pub(super) fn io_in(dir: &Path) -> impl Fn(io::Error) -> OpenError {
    move |source| OpenError::Io { dir: dir.into(), source }
}

/// What a directory holds.
struct Loaded {
    id: VaultId,
    slots: Slots,
    catalog: Catalog,
    /// Where the next frame goes.
    sealed_end: u64,
}

fn load(dir: &Path, sealer: &Sealer, disk: &Disk, chance: &Chance) -> Result<Loaded, OpenError> {
    let io = io_in(dir);
    prepare(dir, sealer, disk, chance)?;
    let (slots_path, sealed_path) = (dir.join(SLOTS), dir.join(SEALED));
    let slots_file = disk.open(&slots_path).map_err(&io)?;
    let sealed_file = disk.open(&sealed_path).map_err(&io)?;
    let head = first_bytes(&slots_file, SLOTS_HEADER_BYTES).map_err(&io)?;
    let (id, claimed) = header::read_slots(&head, sealer).map_err(|why| refused(&why, &slots_path))?;
    let head = first_bytes(&sealed_file, SEALED_HEADER_BYTES).map_err(&io)?;
    if header::read_sealed(&head).map_err(|why| refused(&why, &sealed_path))? != id {
        return Err(damaged(&sealed_path, 0, "it belongs to another vault than the key slots"));
    }
    // What a killed process wrote may be in memory only; nothing may rest on it before it is durable.
    sealed_file.sync_data().and_then(|()| slots_file.sync_data()).map_err(&io)?;

    let (slots, taken) = Slots::load(slots_file, claimed).map_err(&io)?;
    // The last frame of an id is the one its slot opens: an id is put anew only once its slot is free.
    let mut frames = HashMap::new();
    let end = sealed::scan(&sealed_file, |offset, frame| {
        frames.insert(frame.id, Found { place: Place { offset, len: frame.len }, nonce: frame.nonce });
    })
    .map_err(&io)?;
    let (entries, strays) = pair(taken, &frames, sealer);
    if !strays.is_empty() || slots.missing() > 0 {
        let (entries, missing_slots) = (strays.len(), slots.missing());
        tracing::warn!(dir = %dir.display(), entries, missing_slots, "the vault has damaged entries");
    }
    // The frames that slots name: of entries, and of those whose slot is damaged while the frame is whole.
    let named = entries.keys().copied().chain(strays.iter().map(|stray| stray.id));
    let used = named.filter_map(|id| frames.get(&id)).map(|found| found.place.end()).max();
    let extent = Extent {
        used: used.unwrap_or(SEALED_HEADER_BYTES as u64),
        whole: end,
        // A slot without a frame is damage, and its frame may lie anywhere. So may the frames of slots that are gone.
        may_be_cut: slots.missing() == 0 && strays.iter().all(Stray::is_confirmed),
    };
    let sealed_end = doubt::settle(dir, disk, &sealed_file, &slots, extent).map_err(&io)?;
    let catalog = Catalog { entries, sealed: Arc::new(sealed_file), strays };
    Ok(Loaded { id, slots, catalog, sealed_end })
}

/// Makes the two files where there are none, and finishes or undoes what a crash interrupted.
fn prepare(dir: &Path, sealer: &Sealer, disk: &Disk, chance: &Chance) -> Result<(), OpenError> {
    let io = io_in(dir);
    disk.create_dir_all(dir).map_err(&io)?;
    for left_over in [SLOTS_NEW, SEALED_NEW].map(|name| dir.join(name)) {
        if left_over.exists() {
            disk.remove(&left_over).map_err(&io)?;
        }
    }
    let (slots_path, sealed_path) = (dir.join(SLOTS), dir.join(SEALED));
    match (slots_path.exists(), sealed_path.exists()) {
        // A process killed between the renaming and its sync leaves a file that is there, and not for good.
        (true, true) => disk.sync_dir(dir).map_err(&io),
        (true, false) => Err(damaged(&sealed_path, 0, "it is missing beside the key slots")),
        // The sealed file comes first; alone and with entries in it, the slots have been lost.
        (false, true) if std::fs::metadata(&sealed_path).map_err(&io)?.len() > SEALED_HEADER_BYTES as u64 => {
            Err(damaged(&slots_path, 0, "they are missing beside the sealed bytes"))
        }
        (false, _) => {
            // A directory that a start before this one made may not be durable, if it was killed.
            disk.sync_dir(parent(dir)).map_err(&io)?;
            let id = chance.bytes();
            place(dir, disk, SEALED_NEW, SEALED, &header::new_sealed(id)).map_err(&io)?;
            place(dir, disk, SLOTS_NEW, SLOTS, &header::new_slots(id, sealer, chance)).map_err(&io)
        }
    }
}

/// Puts a file of this content in its place, whole or not at all.
fn place(dir: &Path, disk: &Disk, temporary: &str, name: &str, content: &[u8]) -> io::Result<()> {
    let file = disk.create_new(&dir.join(temporary))?;
    file.write_all_at(content, 0)?;
    file.sync_data()?;
    disk.rename(&dir.join(temporary), &dir.join(name))?;
    disk.sync_dir(dir)
}

fn first_bytes(file: &DiskFile, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(usize::MAX).min(count)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

pub(super) fn damaged(file: &Path, offset: u64, what: &'static str) -> OpenError {
    OpenError::Damaged { file: file.into(), offset, what }
}

pub(super) fn refused(why: &Refused, file: &Path) -> OpenError {
    match *why {
        Refused::NewerFormat(version) => OpenError::NewerFormat { file: file.into(), version },
        Refused::Damaged(what) => damaged(file, 0, what),
        Refused::WrongKey => OpenError::WrongKey,
    }
}
