//! Long stretches of the log, read from the journal. There the records lie one behind the other: many in a
//! row are read without a tree to walk, and without sled. Only durable records may be asked for.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use bytes::{Buf, Bytes};

use super::frame::{Frame, MAX_FRAME, Seal};
use super::places::{Marks, Place, Places, unavailable};
use crate::{Entry, Position, ReadError, Visit};

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
        let most = usize::try_from(last.0 - first.0 + 1).unwrap_or(limit);
        let mut chunk = Vec::with_capacity(limit.min(most));
        self.walk(first, last, |frame, window| {
            chunk.push(frame.entry_of(window));
            if chunk.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if chunk.is_empty() { Err(absent(first)) } else { Ok(chunk) }
    }

    /// Shows the records from `first` to `last`, which are durable, until `visit` has seen enough.
    pub fn pass(&self, first: Position, last: Position, visit: Visit<'_>) -> Result<(), ReadError> {
        let mut due = Some(first);
        self.walk(first, last, |frame, _| {
            due = Some(frame.position.next()).filter(|due| *due <= last);
            let seen = visit(frame.position, frame.record());
            due = due.filter(|_| seen.is_continue());
            seen
        })?;
        due.map_or(Ok(()), |position| Err(absent(position)))
    }

    /// Shows frames from `first` to `last`, with the window each lies in, until `visit` has seen enough or the files
    /// have no more.
    fn walk(
        &self,
        first: Position,
        last: Position,
        mut visit: impl FnMut(&Frame<'_>, &Bytes) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let mut walk = Walk::from(self.places.nearest(first)?, self.seal)?;
        let mut marks = Marks::default();
        while walk.place.position <= last {
            marks.pass(walk.place.position, walk.place.offset);
            let Some(seen) = walk.next(first, &mut visit)? else {
                let Some(place) = self.places.behind(&walk.place)? else { break };
                walk = Walk::from(place, self.seal)?;
                continue;
            };
            if seen.is_break() {
                break;
            }
        }
        self.places.add(marks);
        self.places.stop(walk.place);
        Ok(())
    }
}

fn absent(position: Position) -> ReadError {
    ReadError::Damaged { position, why: "its segment does not have it" }
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

    /// Passes one frame, which is shown from `first` on; `None` when the file has no more.
    fn next(
        &mut self,
        first: Position,
        visit: impl FnOnce(&Frame<'_>, &Bytes) -> ControlFlow<()>,
    ) -> Result<Option<ControlFlow<()>>, ReadError> {
        if self.window.len() < MAX_FRAME && !self.is_last {
            self.advance().map_err(unavailable)?;
        }
        let Ok(frame) = self.seal.parse(&self.window) else { return Ok(None) };
        if frame.position != self.place.position {
            return Err(ReadError::Damaged {
                position: self.place.position,
                why: "another one stands there",
            });
        }
        let is_wanted = frame.position >= first;
        let seen = if is_wanted { visit(&frame, &self.window) } else { ControlFlow::Continue(()) };
        let size = frame.size;
        self.window.advance(size);
        self.place.offset += size as u64;
        self.place.position = self.place.position.next();
        Ok(Some(seen))
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
