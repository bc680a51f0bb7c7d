//! What lies in the reading copy, changed behind the log's back; in the form that it has now, or that earlier versions
//! gave it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Who made a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// This version: several records to a value, in large segments.
    Now,
    /// An earlier one: a record to a value, in segments of sled's own size.
    Earlier,
}

pub const EVER: [Made; 2] = [Made::Now, Made::Earlier];

/// What is stored for each position.
pub type Stored = BTreeMap<u64, Vec<u8>>;

impl Made {
    /// How sled's `conf` tells the size of segments.
    pub fn told(self) -> &'static [u8] {
        match self {
            Self::Now => b"segment_size: 2097152\n",
            Self::Earlier => b"segment_size: 524288\n",
        }
    }

    /// Whether a copy is of this form.
    pub fn made(self, dir: &Path) -> bool {
        fs::read(dir.join("sled/conf")).unwrap().starts_with(self.told())
    }
}

/// Changes what a copy holds that this version made, and leaves it in one form or the other.
pub fn meddle(dir: &Path, made: Made, change: impl FnOnce(&mut Stored)) {
    let sled = dir.join("sled");
    let mut stored = read(&sled);
    change(&mut stored);
    fs::remove_dir_all(&sled).unwrap();
    write(&sled, made, &stored);
}

/// Opens a copy. A thread of sled may let go of its file a moment after the log that had it was closed.
fn open(sled: &Path) -> sled::Db {
    const ATTEMPTS: usize = 500;
    let config = sled::Config::new().path(sled).segment_size(2 * 1024 * 1024);
    for _ in 1..ATTEMPTS {
        if let Ok(db) = config.open() {
            return db;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    config.open().unwrap()
}

fn read(sled: &Path) -> Stored {
    let db = open(sled);
    let mut stored = Stored::new();
    for value in &db.open_tree("packed").unwrap() {
        let (key, value) = value.unwrap();
        let (mut due, mut rest) = (u64::from_be_bytes(key.as_ref().try_into().unwrap()), &value[..]);
        while let Some((length, after)) = rest.split_first_chunk() {
            let (piece, after) = after.split_at(u32::from_be_bytes(*length) as usize);
            stored.insert(due, piece.to_vec());
            (due, rest) = (due + 1, after);
        }
        assert!(rest.is_empty());
    }
    stored
}

fn write(sled: &Path, made: Made, stored: &Stored) {
    if made == Made::Earlier {
        let db = sled::open(sled).unwrap();
        let log = db.open_tree("log").unwrap();
        for (at, piece) in stored {
            log.insert(at.to_be_bytes(), piece.as_slice()).unwrap();
        }
        db.flush().unwrap();
        return;
    }
    let db = sled::Config::new().path(sled).segment_size(2 * 1024 * 1024).open().unwrap();
    let packed = db.open_tree("packed").unwrap();
    let positions: Vec<u64> = stored.keys().copied().collect();
    for run in positions.chunk_by(|a, b| a + 1 == *b).flat_map(|run| run.chunks(7)) {
        let value: Vec<u8> = run
            .iter()
            .flat_map(|at| {
                [&u32::try_from(stored[at].len()).unwrap().to_be_bytes(), &stored[at][..]].concat()
            })
            .collect();
        packed.insert(run[0].to_be_bytes(), value).unwrap();
    }
    db.flush().unwrap();
}
