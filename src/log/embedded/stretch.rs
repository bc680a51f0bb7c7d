//! Long stretches of the log, read from the journal. There the records lie one behind the other: many in a
//! row are read without a tree to walk, and without sled. Only durable records may be asked for.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::{Buf, Bytes};

use super::frame::{MAX_FRAME, Seal};
use super::places::{Marks, Place, Places, unavailable};
use crate::log::{Entry, Position, ReadError};

/// Bytes read at once: more than a stretch of the shortest kind takes.
const WINDOW: usize = 256 * 1024;

/// The journal, for those who read on and on.
#[derive(Debug)]
pub(super) struct Stretches {
    seal: Seal,
    places: Places,
}

impl Stretches {
    pub fn new(places: Places, seal: Seal) -> Self {
        Self { seal, places }
    }

    /// Where frames begin.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Up to `limit` entries from `first` to `last`, which are durable; at least one.
    pub fn chunk(&self, first: Position, last: Position, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let damaged = |why| ReadError::Damaged { position: first, why };
        let mut walk = Walk::from(self.places.nearest(first)?, self.seal)?;
        let mut chunk = Vec::with_capacity(limit.min(usize::try_from(last.0 - first.0 + 1).unwrap_or(limit)));
        let mut marks = Marks::default();
        while chunk.len() < limit && walk.place.position <= last {
            marks.pass(walk.place.position, walk.place.offset);
            if !walk.next(first, &mut chunk)? {
                let Some(place) = self.places.behind(&walk.place)? else { break };
                walk = Walk::from(place, self.seal)?;
            }
        }
        self.places.add(marks);
        self.places.stop(walk.place);
        if chunk.is_empty() { Err(damaged("its segment does not have it")) } else { Ok(chunk) }
    }
}

/// Frame after frame of one file.
struct Walk {
    file: File,
    /// The next frame.
    place: Place,
    seal: Seal,
    /// Shared with the entries that lie in it.
    window: Bytes,
    /// Whether it reaches to the end of the file, as that was.
    is_last: bool,
}

impl Walk {
    fn from(place: Place, seal: Seal) -> Result<Self, ReadError> {
        let file = File::open(&place.path).map_err(unavailable)?;
        Ok(Self { file, place, seal, window: Bytes::new(), is_last: false })
    }

    /// Passes one frame, whose record is wanted from `first` on; `false` when the file has no more.
    fn next(&mut self, first: Position, chunk: &mut Vec<Entry>) -> Result<bool, ReadError> {
        if self.window.len() < MAX_FRAME && !self.is_last {
            self.advance().map_err(unavailable)?;
        }
        let Ok(frame) = self.seal.parse(&self.window) else { return Ok(false) };
        if frame.position != self.place.position {
            return Err(ReadError::Damaged {
                position: self.place.position,
                why: "another one stands there",
            });
        }
        chunk.extend((frame.position >= first).then(|| frame.entry_of(&self.window)));
        let size = frame.size;
        self.window.advance(size);
        self.place.offset += size as u64;
        self.place.position = self.place.position.next();
        Ok(true)
    }

    /// Reads on, so that a whole frame lies in the window if there is one.
    fn advance(&mut self) -> io::Result<()> {
        let mut window = Vec::with_capacity(WINDOW);
        window.extend_from_slice(&self.window);
        self.file.seek(SeekFrom::Start(self.place.offset + window.len() as u64))?;
        (&self.file).take((WINDOW - window.len()) as u64).read_to_end(&mut window)?;
        self.is_last = window.len() < WINDOW;
        self.window = window.into();
        Ok(())
    }
}
