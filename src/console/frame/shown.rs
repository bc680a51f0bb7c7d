//! Parts that templates ask the frame for.

use std::collections::BTreeMap;

use mfa_ledger_api::reset_requests::RequestStage;
use mfa_ledger_schemas::{
    AdministratorId, Factor, Instant, MfaStatus, NotificationChannel, Permission, RedFlag, ResetReason,
    VerificationMethod,
};

use super::Frame;
use crate::{Html, assets, fill, named};

use crate::html::{badge, icon};

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    clippy::unused_self,
    reason = "templates hand on references, and have only the frame to ask"
)]
impl Frame {
    /// The name of a member of a closed set.
    pub fn named<'a>(&self, set: &'a BTreeMap<String, String>, member: &'a str) -> &'a str {
        named(set, member)
    }

    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// Whether the page is about the viewer.
    pub fn is_me(&self, id: &AdministratorId) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.id == *id)
    }

    pub fn icon(&self, name: &str) -> Html {
        icon(name)
    }

    /// A moment to the minute.
    pub fn time(&self, at: &Instant) -> Html {
        self.zone.minutes(*at)
    }

    /// A moment to the second.
    pub fn exactly(&self, at: &Instant) -> Html {
        self.zone.seconds(*at)
    }

    /// A moment to the minute, or a dash.
    pub fn time_or_dash(&self, at: &Option<Instant>) -> Html {
        at.as_ref().map_or_else(|| Html::ours("\u{2013}".to_owned()), |at| self.time(at))
    }

    /// The guide's status indicators.
    pub fn mfa(&self, status: &MfaStatus) -> Html {
        let t = &self.t.names.mfa_status;
        let word = t.get(status.name()).map_or(status.name(), String::as_str);
        match status {
            MfaStatus::Enabled => badge("good", "shield", word),
            MfaStatus::Pending => badge("warn", "clock", word),
            _ => badge("bad", "shield-off", word),
        }
    }

    /// A number of things: `one` for one of them, `many` with `{n}` for any other number.
    pub fn count(&self, n: &usize, one: &str, many: &str) -> String {
        if *n == 1 { one.to_owned() } else { fill(many, &[("n", n)]) }
    }

    pub fn permission(&self, permission: &Permission) -> &'static str {
        named(&self.t.names.permission, permission.name())
    }

    pub fn category(&self, permission: &Permission) -> &'static str {
        named(&self.t.names.category, permission.category())
    }

    pub fn reason(&self, reason: &Option<ResetReason>) -> &'static str {
        reason.as_ref().map_or("\u{2013}", |reason| named(&self.t.names.reason, reason.name()))
    }

    pub fn verification(&self, method: &VerificationMethod) -> &'static str {
        named(&self.t.names.verification, method.name())
    }

    pub fn red_flag(&self, flag: &RedFlag) -> &'static str {
        named(&self.t.names.red_flag, flag.name())
    }

    pub fn channel(&self, channel: &NotificationChannel) -> &'static str {
        named(&self.t.names.channel, channel.name())
    }

    /// How far a reset request got.
    pub fn stage(&self, stage: &RequestStage) -> Html {
        let word = named(&self.t.names.stage, stage.name());
        match stage {
            RequestStage::Open => badge("warn", "clock", word),
            RequestStage::Approved | RequestStage::Used => badge("good", "check", word),
            RequestStage::Suspicious => badge("bad", "flag", word),
            RequestStage::Declined => badge("idle", "cross", word),
            RequestStage::Expired => badge("idle", "dash", word),
        }
    }

    pub fn factor(&self, factor: &Factor) -> &'static str {
        named(&self.t.names.factor, factor.name())
    }
}
