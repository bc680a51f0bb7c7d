//! A rule, ready to be run.

use std::path::PathBuf;
use std::sync::Arc;

use mfa_ledger_schemas::{RuleId, Severity};
use rsigma_parser::CorrelationType;

use super::fixture::Fixture;

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The pack in the binary.
    Pack,
    /// A file of the site.
    Site(PathBuf),
    /// Given by whoever asks for a back-test.
    Given,
}

/// What makes it match. Windows are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One event.
    Single {
        /// The fields whose values name the group.
        group_by: Vec<String>,
        /// For how long the same group raises nothing more.
        suppress: u64,
    },
    /// Several events together.
    Correlation {
        /// Sigma's name of the kind.
        of: CorrelationType,
        /// How far they lie apart at most.
        window: u64,
    },
    /// An event that another one does not follow in time.
    Absence {
        /// The detections that begin the wait, by Sigma id.
        after: Vec<String>,
        /// The detections that end it, by Sigma id.
        without: Vec<String>,
        /// The fields whose values name the group.
        group_by: Vec<String>,
        /// How long is waited.
        within: u64,
    },
}

/// A rule that raises alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, by which alerts, silences and subjects know it.
    pub id: RuleId,
    /// Its Sigma id.
    pub sigma_id: String,
    /// What it is about, in a line.
    pub title: String,
    /// What it finds, and why that matters.
    pub description: String,
    /// How bad a match is.
    pub severity: Severity,
    /// Such as `attack.t1556.006`.
    pub tags: Vec<String>,
    /// What may match without being an attack.
    pub false_positives: Vec<String>,
    /// What makes it match.
    pub kind: Kind,
    /// Where it comes from.
    pub origin: Origin,
    /// SHA-256 of its file.
    pub sha256: [u8; 32],
    /// Its file.
    pub text: Arc<str>,
    /// Events that must and must not match.
    pub(super) tests: Vec<Fixture>,
}

impl Rule {
    /// The fixtures in its file.
    pub fn tests(&self) -> &[Fixture] {
        &self.tests
    }
}

impl Kind {
    /// Its name in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Single { .. } => "single",
            Self::Absence { .. } => "absence",
            Self::Correlation { of, .. } => match of {
                CorrelationType::EventCount => "event_count",
                CorrelationType::ValueCount => "value_count",
                CorrelationType::Temporal => "temporal",
                CorrelationType::TemporalOrdered => "temporal_ordered",
                CorrelationType::ValueSum => "value_sum",
                CorrelationType::ValueAvg => "value_avg",
                CorrelationType::ValuePercentile => "value_percentile",
                CorrelationType::ValueMedian => "value_median",
            },
        }
    }

    /// How far back it looks, in seconds; 0 for a single event.
    pub fn window(&self) -> u64 {
        match self {
            Self::Single { suppress, .. } => *suppress,
            Self::Correlation { window, .. } => *window,
            Self::Absence { within, .. } => *within,
        }
    }
}
