//! The table that is printed, and that `BENCHMARKS.md` holds.

use std::fmt::Write;
use std::path::Path;

use crate::Outcome;

/// What stands before and behind the table in `BENCHMARKS.md`.
const BEGIN: &str = "<!-- what follows is written by `make bench` -->\n";
const END: &str = "<!-- so far -->\n";

/// In what a figure is told.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    PerSecond,
    Seconds,
    Milliseconds,
    Microseconds,
    MiB,
    /// So many times something else, which its line names.
    Times,
}

/// One line.
pub struct Figure {
    pub what: String,
    pub ours: f64,
    pub unit: Unit,
    /// What nothing can be better than, or what it is held against, measured in the same run.
    pub floor: Option<(&'static str, f64)>,
    pub wanted: &'static str,
}

impl Figure {
    pub fn new(what: impl Into<String>, ours: f64, unit: Unit, wanted: &'static str) -> Self {
        Self { what: what.into(), ours, unit, floor: None, wanted }
    }

    pub fn per_second(what: impl Into<String>, ours: f64, wanted: &'static str) -> Self {
        Self::new(what, ours, Unit::PerSecond, wanted)
    }

    pub fn against(mut self, name: &'static str, floor: f64) -> Self {
        self.floor = Some((name, floor));
        self
    }

    fn row(&self) -> String {
        let Self { what, ours, unit, floor, wanted } = self;
        let (name, held, ratio) = match floor {
            None => ("", String::new(), String::new()),
            // A part that a short log has none of yet.
            Some((name, floor)) if *floor <= 0.0 => (*name, unit.told(*floor), String::new()),
            Some((name, floor)) => (*name, unit.told(*floor), format!("{:.2}", ours / floor)),
        };
        format!("| {what} | {} | {name} | {held} | {ratio} | {wanted} |\n", unit.told(*ours))
    }
}

impl Unit {
    fn told(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", thousands(value)),
            Self::Seconds => format!("{value:.2} s"),
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Microseconds => format!("{value:.2} µs"),
            Self::MiB => format!("{} MiB", thousands(value)),
            Self::Times => format!("{value:.2}"),
        }
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut told = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// In Markdown.
pub fn table(figures: &[Figure]) -> String {
    let mut text = String::from("| what | figure | floor | its figure | ratio | wanted |\n");
    text.push_str("|---|---:|---|---:|---:|---|\n");
    text.extend(figures.iter().map(Figure::row));
    text
}

/// Puts the table and what it was measured on into `BENCHMARKS.md`, in the place of the one before.
pub fn write_book(figures: &[Figure], machine: &str) -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("BENCHMARKS.md");
    let book = std::fs::read_to_string(&path)?;
    let (before, rest) = book.split_once(BEGIN).ok_or("BENCHMARKS.md has no place for the table")?;
    let (_, behind) = rest.split_once(END).ok_or("BENCHMARKS.md does not tell where its table ends")?;
    let mut written = String::new();
    write!(written, "{before}{BEGIN}\n{machine}\n\n{}\n{END}{behind}", table(figures))?;
    Ok(std::fs::write(&path, written)?)
}
