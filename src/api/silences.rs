//! Silences over alert rules.

use mfa_ledger_schemas::limits::SILENCE_HOURS;
use mfa_ledger_schemas::{Instant, Position, RuleId, SilenceId};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

use crate::receipt::Receipt;
use crate::text::{Name, Text};
use crate::whole::whole;

/// Hours that a silence lasts.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 2160)]
pub struct SilenceHours(pub u16);

impl<'de> Deserialize<'de> for SilenceHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hours =
            u16::try_from(whole(deserializer)?).ok().filter(|hours| (1..=SILENCE_HOURS).contains(hours));
        hours.map(Self).ok_or_else(|| de::Error::custom("1 to 2160"))
    }
}

/// Which alerts are to be passed on to nobody, and until when.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSilence {
    /// The name of a rule in force.
    pub rule: RuleId,
    /// One of the groups of the rule, as alerts show it; all of them when absent.
    #[schema(nullable = false)]
    pub group: Option<Name>,
    /// For how long.
    pub hours: SilenceHours,
    /// Why; kept sealed beside the log.
    pub note: Text,
}

/// A silence that began.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SilenceBegun {
    pub silence: SilenceId,
    pub rule: RuleId,
    pub group: Option<String>,
    pub until: Instant,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A silence that was ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SilenceEnded)]
pub struct Ended {
    pub silence: SilenceId,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A silence.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Silence)]
pub struct SilenceBody {
    pub id: SilenceId,
    /// The record that began it.
    pub position: Position,
    pub at: Instant,
    /// Who began it.
    pub author: String,
    /// Over which rule.
    pub rule: RuleId,
    /// Over which of its groups; all of them where it is `null`.
    pub group: Option<String>,
    pub until: Instant,
    /// When it was ended before that.
    pub ended_at: Option<Instant>,
    pub in_force: bool,
    /// `null` when not given, or erased.
    pub note: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}
