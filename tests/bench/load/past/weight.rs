//! What a log takes: memory of its server, and disk, by part.

use std::path::Path;

use super::{resident, times};
use crate::house::House;
use crate::table::{Figure, Unit};
use crate::{Outcome, float};

/// Of one log.
pub struct Weight {
    /// MiB in memory after a start.
    resident: f64,
    /// MiB of each of [`resident::PARTS`].
    of_parts: Vec<f64>,
    encoded: u64,
    /// Bytes of each entry of the data directory.
    parts: Vec<(String, u64)>,
}

/// What is told by itself; the rest of a data directory is small.
const PARTS: [&str; 4] = ["journal", "sled", "snapshots", "tile"];

/// What the log of a house takes, which was just started, and is started again.
pub async fn of(house: &mut House) -> Outcome<Weight> {
    let encoded = std::fs::read_to_string(house.path().join("encoded"))?.parse()?;
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(house.data())? {
        let entry = entry?;
        parts.push((entry.file_name().display().to_string(), size(&entry.path())?));
    }
    let resident = memory(house.pid())?.0;
    house.end()?;
    let of_parts = resident::of(&house.data())?;
    house.start_again().await?;
    house.settle().await?;
    Ok(Weight { resident, of_parts, encoded, parts })
}

pub fn figures(long: &Weight, tenth: &Weight) -> Vec<Figure> {
    let line = |what: String, of: fn(&Weight, &str) -> f64, part: &str, unit, wanted| {
        Figure::new(what, of(long, part), unit, wanted).against("of a tenth of the events", of(tenth, part))
    };
    let mut figures =
        vec![line("memory after a start".into(), |it, _| it.resident, "", Unit::MiB, "1,536 MiB")];
    for (index, (_, part)) in resident::PARTS.iter().enumerate() {
        let figure = Figure::new(format!("memory of the {part}"), long.of_parts[index], Unit::MiB, "");
        figures.push(figure.against("of a tenth of the events", tenth.of_parts[index]));
    }
    for part in PARTS {
        let what = format!("disk to encoded bytes, {part}");
        figures.push(line(what, |it, part| times(it.part(part), it.encoded), part, Unit::Times, ""));
    }
    let all = |it: &Weight, _: &str| times(it.parts.iter().map(|(_, bytes)| bytes).sum(), it.encoded);
    figures.push(line("disk to encoded bytes, all".into(), all, "", Unit::Times, "3.2"));
    figures
}

impl Weight {
    fn part(&self, name: &str) -> u64 {
        self.parts.iter().find(|(part, _)| part == name).map_or(0, |(_, bytes)| *bytes)
    }
}

/// MiB that a process has in memory, and that it had at most.
pub fn memory(process: u32) -> Outcome<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let mib = |name: &str| -> Outcome<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("it is not told")?;
        Ok(float(line.trim_matches([':', '\t', ' ', 'k', 'B']).parse()?) / 1_024.0)
    };
    Ok((mib("VmRSS")?, mib("VmHWM")?))
}

fn size(path: &Path) -> Outcome<u64> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::symlink_metadata(path)?;
    let mut bytes = meta.blocks() * 512;
    if meta.is_dir() {
        for entry in std::fs::read_dir(path)? {
            bytes += size(&entry?.path())?;
        }
    }
    Ok(bytes)
}
