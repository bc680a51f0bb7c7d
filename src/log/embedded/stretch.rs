//! Long stretches of the log, read from the journal. There the records lie one behind the other: many in a
//! row are read without a tree to walk, and without sled. Only durable records may be asked for.
//!
//! The journal has no index. Who has read up to a record mostly goes on behind it, so the places where readers
//! stopped are remembered; anybody else costs a walk through a part of one file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::frame::{MAX_FRAME, Seal};
use super::segment::{self, HEADER};
use crate::log::{Entry, Position, ReadError};

/// Bytes read at once: more than a stretch of the shortest kind takes.
const WINDOW: usize = 256 * 1024;

/// Places that are remembered; the one not used for the longest goes first.
const PLACES: usize = 32;

/// The journal, for those who read on and on.
#[derive(Debug)]
pub(super) struct Stretches {
    dir: PathBuf,
    seal: Seal,
    places: Mutex<VecDeque<Place>>,
}

/// Where a frame begins.
#[derive(Clone, Debug)]
struct Place {
    position: Position,
    path: Arc<Path>,
    offset: u64,
}

impl Stretches {
    pub fn new(dir: PathBuf, seal: Seal) -> Self {
        Self { dir, seal, places: Mutex::default() }
    }

    /// Up to `limit` entries from `first` to `last`, which are durable; at least one.
    pub fn chunk(&self, first: Position, last: Position, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let damaged = |why| ReadError::Damaged { position: first, why };
        let mut walk = Walk::from(self.place(first)?, self.seal)?;
        let mut chunk = Vec::with_capacity(limit.min(usize::try_from(last.0 - first.0 + 1).unwrap_or(limit)));
        while chunk.len() < limit && walk.place.position <= last {
            if !walk.next(first, &mut chunk)? {
                let Some(place) = self.behind(&walk.place)? else { break };
                walk = Walk::from(place, self.seal)?;
            }
        }
        self.remember(walk.place);
        if chunk.is_empty() { Err(damaged("its segment does not have it")) } else { Ok(chunk) }
    }

    /// The nearest place at or before a position in the file that holds it.
    fn place(&self, first: Position) -> Result<Place, ReadError> {
        let path = segment::holding(&self.dir, first).map_err(unavailable)?;
        let path = path.ok_or(ReadError::Damaged { position: first, why: "no segment has it" })?;
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let near = places.iter().enumerate().filter(|(_, it)| *it.path == *path && it.position <= first);
        match near.max_by_key(|(_, it)| it.position).map(|(index, _)| index) {
            Some(index) => Ok(places.remove(index).expect("it was found just now")),
            None => Place::first_of(path),
        }
    }

    /// The beginning of the file that goes on where another ends, if there is one.
    fn behind(&self, end: &Place) -> Result<Option<Place>, ReadError> {
        let path = segment::holding(&self.dir, end.position).map_err(unavailable)?;
        path.filter(|path| **path != *end.path).map(Place::first_of).transpose()
    }

    fn remember(&self, place: Place) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|it| it.position != place.position);
        places.push_back(place);
        if places.len() > PLACES {
            places.pop_front();
        }
    }
}

impl Place {
    /// The first frame of a file, whose name tells its position.
    fn first_of(path: PathBuf) -> Result<Self, ReadError> {
        let digits = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        let position = Position(digits.ok_or_else(|| unavailable(io::ErrorKind::InvalidData.into()))?);
        Ok(Self { position, path: path.into(), offset: HEADER as u64 })
    }
}

/// Frame after frame of one file.
struct Walk {
    file: File,
    /// The next frame.
    place: Place,
    seal: Seal,
    window: Vec<u8>,
    /// How much of the window was walked over.
    used: usize,
}

impl Walk {
    fn from(place: Place, seal: Seal) -> Result<Self, ReadError> {
        let file = File::open(&place.path).map_err(unavailable)?;
        Ok(Self { file, place, seal, window: Vec::new(), used: 0 })
    }

    /// Passes one frame, whose record is wanted from `first` on; `false` when the file has no more.
    fn next(&mut self, first: Position, chunk: &mut Vec<Entry>) -> Result<bool, ReadError> {
        if self.window.len() - self.used < MAX_FRAME {
            self.advance().map_err(unavailable)?;
        }
        let Ok(frame) = self.seal.parse(&self.window[self.used..]) else { return Ok(false) };
        if frame.position != self.place.position {
            return Err(ReadError::Damaged {
                position: self.place.position,
                why: "another one stands there",
            });
        }
        chunk.extend((frame.position >= first).then(|| frame.entry()));
        self.used += frame.size;
        self.place.offset += frame.size as u64;
        self.place.position = self.place.position.next();
        Ok(true)
    }

    /// Reads on, so that a whole frame lies in the window if there is one.
    fn advance(&mut self) -> io::Result<()> {
        self.window.drain(..self.used);
        self.used = 0;
        let (kept, wanted) = (self.window.len() as u64, WINDOW - self.window.len());
        self.window.reserve(wanted);
        self.file.seek(SeekFrom::Start(self.place.offset + kept))?;
        (&self.file).take(wanted as u64).read_to_end(&mut self.window)?;
        Ok(())
    }
}

fn unavailable(error: io::Error) -> ReadError {
    ReadError::Unavailable(error.into())
}
