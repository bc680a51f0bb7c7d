//! What detection knew at a position, so that a start need not read the whole log again.

use super::file::{Header, Kind};
use super::{Misfit, SaveError, Snapshots};

const DETECTION: &str = "detection";

/// What detection knew, and what it must be held against before it is used.
#[derive(Debug)]
pub struct Remembered {
    /// The record up to which it had read.
    pub position: u64,
    /// The SHA-256 of the stored record at that position.
    pub record: [u8; 32],
    /// What detection wrote.
    pub body: Vec<u8>,
}

impl Snapshots {
    /// Writes it in the place of the one before.
    pub fn save_detection(&self, remembered: &Remembered) -> Result<(), SaveError> {
        let Remembered { position, record, body } = remembered;
        self.disk.create_dir_all(&self.dir)?;
        let (bytes, _) = self.header(Kind::Detection, *position, *record).seal(body, &self.seal);
        self.replace(&self.dir.join(DETECTION), &bytes)
    }

    /// Reads it; `None` when there is none.
    pub fn read_detection(&self) -> Result<Option<Remembered>, Misfit> {
        let bytes = match std::fs::read(self.dir.join(DETECTION)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let (header, body, _) = Header::open(&bytes, &self.seal)?;
        if header != self.header(Kind::Detection, header.number, header.record) {
            return Err(Misfit::Other);
        }
        Ok(Some(Remembered { position: header.number, record: header.record, body: body.to_vec() }))
    }
}
