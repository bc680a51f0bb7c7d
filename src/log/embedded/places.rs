//! Where frames begin in the files of the journal, which has no index: whoever passes frames marks some of them, and
//! leaves the place where they stopped, since they mostly go on from there. Anybody else begins at the nearest of these,
//! or at the beginning of the file.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::segment::{self, HEADER};
use crate::{Position, ReadError, STRIDE};

/// Places where somebody stopped; the one not used for the longest goes first.
const STOPS: usize = 32;

/// Every [`STRIDE`]th of the frames that were passed: where it begins in its file.
#[derive(Debug, Default)]
pub(super) struct Marks(BTreeMap<Position, u64>);

impl Marks {
    /// Marks a frame, if it is one of those.
    pub fn pass(&mut self, position: Position, offset: u64) {
        if position.0.is_multiple_of(STRIDE) {
            self.0.insert(position, offset);
        }
    }
}

/// All places that are known.
#[derive(Debug)]
pub(super) struct Places {
    dir: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    marks: Marks,
    stops: VecDeque<Place>,
    /// The files, by their first positions; there may be newer ones.
    files: BTreeMap<Position, Arc<Path>>,
}

/// Where a frame begins.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub position: Position,
    pub path: Arc<Path>,
    pub offset: u64,
}

impl Places {
    pub fn new(dir: PathBuf, marks: Marks) -> Self {
        Self { dir, known: Mutex::new(Known { marks, ..Known::default() }) }
    }

    /// Marks frames that were passed.
    pub fn add(&self, marks: Marks) {
        self.with(|known| known.marks.0.extend(marks.0));
    }

    /// The nearest place at or before a position in the file that holds it. A place where somebody stopped is taken
    /// away: they leave the next one.
    pub fn nearest(&self, position: Position) -> Result<Place, ReadError> {
        let file = self.file(position)?;
        Ok(self.with(|known| {
            let marked = known.marks.0.range(file.position..=position).next_back();
            let marked = marked.map_or(file.clone(), |(position, offset)| Place {
                position: *position,
                path: Arc::clone(&file.path),
                offset: *offset,
            });
            let stops = known.stops.iter().enumerate();
            let near = stops.filter(|(_, it)| it.position <= position && it.position > marked.position);
            let near = near.max_by_key(|(_, it)| it.position).map(|(index, _)| index);
            near.and_then(|index| known.stops.remove(index)).unwrap_or(marked)
        }))
    }

    /// The beginning of the file that goes on where another ends, if there is one.
    pub fn behind(&self, end: &Place) -> Result<Option<Place>, ReadError> {
        let file = self.file(end.position)?;
        Ok((file.path != end.path).then_some(file))
    }

    /// Remembers where somebody stopped.
    pub fn stop(&self, place: Place) {
        self.with(|known| {
            known.stops.retain(|it| it.position != place.position);
            known.stops.push_back(place);
            if known.stops.len() > STOPS {
                known.stops.pop_front();
            }
        });
    }

    /// The beginning of the file that holds a position.
    fn file(&self, position: Position) -> Result<Place, ReadError> {
        let known = self.with(|known| known.holding(position).filter(|(_, is_last)| !is_last));
        if let Some((file, _)) = known {
            return Ok(file);
        }
        // A newer one may have it.
        let files = segment::list(&self.dir).map_err(unavailable)?;
        let files = files.into_iter().filter_map(|path| Some((first_of(&path)?, path.into()))).collect();
        let found = self.with(|known| {
            known.files = files;
            known.holding(position).map(|(file, _)| file)
        });
        found.ok_or(ReadError::Damaged { position, why: "no segment has it" })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    /// The file that holds a position, as far as is known, and whether it is the last one.
    fn holding(&self, position: Position) -> Option<(Place, bool)> {
        let (first, path) = self.files.range(..=position).next_back()?;
        let is_last = self.files.last_key_value().is_some_and(|(last, _)| last == first);
        Some((Place { position: *first, path: Arc::clone(path), offset: HEADER as u64 }, is_last))
    }
}

/// The first position of a file, which its name tells.
fn first_of(path: &Path) -> Option<Position> {
    path.file_stem()?.to_str()?.parse().ok().map(Position)
}

pub(super) fn unavailable(error: io::Error) -> ReadError {
    ReadError::Unavailable(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(files: &[u64]) -> (tempfile::TempDir, Places) {
        let dir = tempfile::tempdir().unwrap();
        for first in files {
            add(dir.path(), *first);
        }
        let places = Places::new(dir.path().to_owned(), Marks::default());
        (dir, places)
    }

    fn add(dir: &Path, first: u64) {
        std::fs::write(dir.join(format!("{first:020}.segment")), "").unwrap();
    }

    fn nearest(places: &Places, position: u64) -> (u64, u64) {
        let place = places.nearest(Position(position)).unwrap();
        (place.position.0, place.offset)
    }

    #[test]
    fn the_nearest_place_is_in_the_file_that_holds_the_position() {
        let (dir, places) = places(&[1, 600]);
        let mut marks = Marks::default();
        (1..=1_500).for_each(|position| marks.pass(Position(position), position * 10));
        places.add(marks);
        let header = HEADER as u64;
        for (asked, found) in [
            (1, (1, header)),
            (511, (1, header)),
            (512, (512, 5_120)),
            (599, (512, 5_120)),
            (600, (600, header)),
            (1_023, (600, header)),
            (1_500, (1_024, 10_240)),
        ] {
            assert_eq!(nearest(&places, asked), found, "for {asked}");
        }
        add(dir.path(), 1_400);
        assert_eq!(nearest(&places, 1_500), (1_400, header), "in the newer file");
        assert!(places.nearest(Position(0)).is_err());
    }

    #[test]
    fn whoever_stopped_goes_on_from_there_and_so_many_are_remembered() {
        let (_dir, places) = places(&[1]);
        let path = places.nearest(Position(1)).unwrap().path;
        let stop = |position| {
            places.stop(Place { position: Position(position), path: Arc::clone(&path), offset: 7 });
        };
        stop(30);
        assert_eq!(nearest(&places, 29), (1, HEADER as u64));
        assert_eq!(nearest(&places, 40), (30, 7));
        assert_eq!(nearest(&places, 40), (1, HEADER as u64), "it is theirs who took it");
        (1..=STOPS as u64 + 1).for_each(|stopped| stop(stopped * 10));
        assert_eq!(places.with(|known| known.stops.len()), STOPS);
        assert_eq!(nearest(&places, 10), (1, HEADER as u64), "the first to stop is forgotten");
        assert_eq!(nearest(&places, 20), (20, 7));
    }
}
