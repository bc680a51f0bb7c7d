//! What is reported about an altered log.

use std::fmt::{self, Write as _};

use mfa_ledger_base::tlog::{Checkpoint, Hash};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The log ends before a size that it once had.
    Shorter,
    /// The records are others than those that were signed for.
    OtherRoot,
    /// A record cannot be decoded.
    Undecodable,
    /// The two halves of a record do not belong together.
    LeafMismatch,
    /// A position is missing.
    Gap,
    /// A file of the journal, or an export, is damaged.
    Damaged,
    /// A checkpoint is not signed by a key that is known.
    Signature,
    /// A tile or a bundle of entries does not hash to what was signed.
    Tile,
    /// A message on NATS is not what its place and its event say.
    Message,
}

impl Kind {
    /// As it stands in machine output.
    pub fn code(self) -> &'static str {
        match self {
            Self::Shorter => "shorter",
            Self::OtherRoot => "other_root",
            Self::Undecodable => "undecodable",
            Self::LeafMismatch => "leaf_mismatch",
            Self::Gap => "gap",
            Self::Damaged => "damaged",
            Self::Signature => "signature",
            Self::Tile => "tile",
            Self::Message => "message",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Shorter => "the log ends before records that were signed for",
            Self::OtherRoot => "the records are not those that were signed for",
            Self::Undecodable => "a record cannot be decoded",
            Self::LeafMismatch => "the two halves of a record do not belong together",
            Self::Gap => "a position is missing",
            Self::Damaged => "a file is damaged or was changed",
            Self::Signature => "the checkpoint is not signed by a known key",
            Self::Tile => "a tile does not hash to what was signed",
            Self::Message => "a message is not as the ledger publishes it",
        }
    }
}

/// Where it begins to be wrong; positions count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// The first altered position.
    At(u64),
    /// The first such position is one of these.
    Within {
        /// The first that may be it.
        first: u64,
        /// The last that may be it.
        last: u64,
    },
    /// It is not about a position.
    Nowhere,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(position) => write!(f, "position {position}"),
            Self::Within { first, last } => write!(f, "within positions {first} to {last}"),
            Self::Nowhere => f.write_str("no position"),
        }
    }
}

/// A log that was altered, cut or rolled back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampered {
    /// What was found.
    pub kind: Kind,
    /// Where it begins.
    pub bad: Bad,
    /// What contradicts the log: `checkpoint`, or `anchor /mnt/x`; `None` where it contradicts itself.
    pub against: Option<String>,
    /// What was signed for.
    pub claimed: Option<Checkpoint>,
    /// How many records were found.
    pub size: u64,
    /// The root over as many of them as were signed for; `None` where there are not so many.
    pub root: Option<Hash>,
    /// More about it.
    pub detail: Option<String>,
}

impl Tampered {
    /// One that is about a single place, and contradicts itself.
    pub fn at(kind: Kind, bad: Bad, size: u64, detail: impl Into<String>) -> Self {
        let detail = Some(detail.into());
        Self { kind, bad, against: None, claimed: None, size, root: None, detail }
    }

    /// The first bad position, or the first that may be it.
    pub fn first_bad_position(&self) -> Option<u64> {
        match self.bad {
            Bad::At(position) | Bad::Within { first: position, .. } => Some(position),
            Bad::Nowhere => None,
        }
    }

    /// All of it, and what to do about a data directory that it was found in, for people.
    pub fn page(&self) -> String {
        self.facts() + ADVICE
    }

    /// All of it, for people: several lines.
    pub fn facts(&self) -> String {
        self.facts_about("LOG")
    }

    /// The same about a copy of a log, such as a `STREAM`.
    pub fn facts_about(&self, what: &str) -> String {
        let mut page = format!("THE {what} IS NOT WHAT IT WAS: {}\n\n", self.kind.said());
        let mut line = |name: &str, value: &dyn fmt::Display| {
            // Writing to a string does not fail.
            let _written = writeln!(page, "  {name:<20}{value}");
        };
        if self.bad != Bad::Nowhere {
            line("first bad position", &self.bad);
        }
        if let Some(detail) = &self.detail {
            line("what is wrong", detail);
        }
        line("records found", &self.size);
        if let Some(against) = &self.against {
            line("held against", against);
        }
        if let Some(claimed) = &self.claimed {
            line("signed for", &format!("{} records, root {}", claimed.size, claimed.root));
            match &self.root {
                Some(root) => line("found instead", &format!("root {root}")),
                None => line("found instead", &"fewer records"),
            }
        }
        page
    }
}

const ADVICE: &str = "
What to do:
  1. Keep this directory as it is, as evidence: copy it away before anything else.
  2. Hold it against another witness: mfa-ledger log verify --checkpoint FILE, with a checkpoint from an
     anchor or from somebody who kept one.
  3. Put the data directory back from a backup that reaches beyond the first bad position, and verify it.
  4. If what is missing is lost for good: mfa-ledger serve --accept-loss \"reason\" goes on with what is
     there. It is recorded, and the log gets another origin.
";

impl fmt::Display for Tampered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.said())?;
        if self.bad != Bad::Nowhere {
            write!(f, ", {}", self.bad)?;
        }
        if let Some(against) = &self.against {
            write!(f, ", held against {against}")?;
        }
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Tampered {}
