//! Compaction: the sealed file is written anew with the frames of live entries alone, and put in the
//! place of the old one whole or not at all. Destroying does not need it; it only gives room back.

use std::io;
use std::sync::{Arc, PoisonError};

use super::header::SEALED_HEADER_BYTES;
use super::sealed::{self, Place};
use super::store::{SEALED, SEALED_NEW};
use super::writer::Writer;

/// Bytes gathered before they are written.
const WRITE_BYTES: usize = 1 << 20;

impl Writer {
    pub(super) fn compact(&mut self) -> io::Result<()> {
        let (old, mut live) = {
            let catalog = self.catalog.read().unwrap_or_else(PoisonError::into_inner);
            let live: Vec<_> = catalog.entries.iter().map(|(id, entry)| (*id, entry.place)).collect();
            (Arc::clone(&catalog.sealed), live)
        };
        live.sort_unstable_by_key(|(_, place)| place.offset);

        let temporary = self.dir.join(SEALED_NEW);
        let new = self.disk.create_new(&temporary)?;
        let mut pending = vec![0; SEALED_HEADER_BYTES];
        old.read_exact_at(&mut pending, 0)?;
        let mut written = 0;
        for (id, place) in &mut live {
            let frame = sealed::read(&old, *place)?;
            if sealed::parse_frame(&frame).is_none_or(|frame| frame.id != *id) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a live entry is damaged"));
            }
            *place = Place { offset: written + pending.len() as u64, len: place.len };
            pending.extend_from_slice(&frame);
            if pending.len() >= WRITE_BYTES {
                new.write_all_at(&pending, written)?;
                written += pending.len() as u64;
                pending.clear();
            }
        }
        new.write_all_at(&pending, written)?;
        written += pending.len() as u64;
        new.sync_data()?;
        self.disk.rename(&temporary, &self.dir.join(SEALED))?;
        self.disk.sync_dir(&self.dir)?;

        let mut catalog = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        for (id, place) in live {
            if let Some(entry) = catalog.entries.get_mut(&id) {
                entry.place = place;
            }
        }
        catalog.sealed = Arc::new(new);
        self.sealed_end = written;
        Ok(())
    }
}
