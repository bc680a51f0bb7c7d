//! Parts that templates ask the frame for, of what was recorded: actions, outcomes, alerts.

use std::collections::BTreeMap;

use mfa_ledger_api::alerts::Stage;
use mfa_ledger_schemas::RuleId;
use mfa_ledger_schemas::record::Actor;
use mfa_ledger_schemas::{ActorKind, Outcome, Severity};

use super::Frame;
use crate::{Html, fill, named};

use crate::html::badge;
use crate::texts::Lang;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates hand on references, and have only the frame to ask"
)]
impl Frame {
    /// What happened, in words; a refusal by the name of what was refused.
    pub fn action(&self, action: &str) -> String {
        if let Some(word) = self.t.names.action.get(action) {
            return word.clone();
        }
        let refused = named(&self.t.names.action, action.strip_suffix("_refused").unwrap_or(action));
        fill(&self.t.names.refused, &[("action", &refused)])
    }

    pub fn outcome_word(&self, outcome: &Outcome) -> &'static str {
        named(&self.t.names.outcome, outcome.name())
    }

    pub fn outcome(&self, outcome: &Outcome) -> Html {
        let word = self.outcome_word(outcome);
        match outcome {
            Outcome::Success => badge("good", "check", word),
            Outcome::Refused => badge("warn", "cross", word),
            _ => badge("bad", "cross", word),
        }
    }

    /// Who acted: a name, and what it is where that is no administrator.
    pub fn actor(&self, actor: &Actor) -> String {
        let kind = named(&self.t.names.actor, actor.kind.name());
        match actor.kind {
            ActorKind::Administrator => actor.name.clone(),
            _ if actor.name.is_empty() => kind.to_owned(),
            _ => format!("{} ({kind})", actor.name),
        }
    }

    pub fn severity(&self, severity: &Severity) -> Html {
        let word = named(&self.t.names.severity, severity.name());
        match severity {
            Severity::Critical | Severity::High => badge("bad", "bell", word),
            Severity::Medium => badge("warn", "bell", word),
            _ => badge("idle", "bell", word),
        }
    }

    pub fn alert_stage(&self, stage: &Stage) -> Html {
        let word = named(&self.t.names.alert_stage, stage.name());
        match stage {
            Stage::Open => badge("bad", "warn", word),
            Stage::Acknowledged => badge("warn", "clock", word),
            Stage::Resolved => badge("good", "check", word),
        }
    }

    /// What the code of a refusal or of a failure means, in a few words.
    pub fn problem_title<'a>(&self, code: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.t.problems.get(code).map_or_else(|| named(&self.t.names.cause, code), |it| it.title.as_str())
    }

    /// The title of a rule; one that ships has it in the viewer's language.
    pub fn rule_title<'a>(&self, rule: &RuleId, title: &'a str) -> &'a str
    where
        'static: 'a,
    {
        shipped(&Lang::En.texts().names.rule_title, &self.t.names.rule_title, rule.as_str(), title)
    }

    /// What a rule is for, likewise.
    pub fn rule_about<'a>(&self, rule: &RuleId, about: &'a str) -> &'a str
    where
        'static: 'a,
    {
        shipped(&Lang::En.texts().names.rule_about, &self.t.names.rule_about, rule.as_str(), about)
    }

    /// The kind of field that a moment stands in: what it holds may be more than a calendar can show, such as `7d`.
    pub fn moment_input(&self, text: &str) -> &'static str {
        if text.is_empty() || self.zone.typed(text).is_some() { "datetime-local" } else { "text" }
    }
}

/// What ships in the viewer's language; a site's own rule keeps its words, also under a name of ours.
fn shipped<'a>(
    english: &BTreeMap<String, String>,
    ours: &'static BTreeMap<String, String>,
    rule: &str,
    text: &'a str,
) -> &'a str
where
    'static: 'a,
{
    let ships = english.get(rule).is_some_and(|known| known == text);
    ours.get(rule).filter(|_| ships).map_or(text, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_the_site_keeps_its_words_also_under_a_name_of_ours() {
        let frame = Frame::sample(Lang::De);
        let shipped = &Lang::En.texts().names.rule_title["burst-of-resets"];
        let [pack, own] = ["burst-of-resets", "our-own"].map(|id| id.parse().expect("a rule id"));
        assert_ne!(frame.rule_title(&pack, shipped), shipped);
        assert_eq!(frame.rule_title(&pack, "Three resets"), "Three resets");
        assert_eq!(frame.rule_title(&own, shipped), shipped);
        assert_eq!(frame.action("mfa.reset_refused"), "Abgelehnt: MFA zurückgesetzt");
    }
}
