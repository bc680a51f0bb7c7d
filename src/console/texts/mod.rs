//! Every text of the console, in one catalogue: a file per language, read into one struct, so that a missing
//! or a misspelt text fails a test, and a template that names none does not compile.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use axum::http::HeaderValue;
use serde::Deserialize;

use super::pages;

/// The cookie that names the viewer's language.
pub(super) const COOKIE: &str = "mfa_ledger_lang";

/// The texts of one page, each a field of its own.
macro_rules! words {
    ($($field:ident)+) => {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Words {
            $(pub $field: String,)+
        }
    };
}
pub(super) use words;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    En,
    De,
}

/// All texts in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    pub layout: Layout,
    pub nav: Nav,
    pub form: FormWords,
    /// What was done, by the word that the query has for it.
    pub done: BTreeMap<String, String>,
    pub names: Names,
    /// By the codes of the API's problems.
    pub problems: BTreeMap<String, ProblemWords>,
    pub failed: pages::failed::Words,
    pub log_in: pages::log_in::Words,
    pub second_factor: pages::second_factor::Words,
    pub dashboard: pages::dashboard::Words,
    pub me: pages::me::show::Words,
    pub enrollment: pages::me::enrollment::Words,
    pub backup_codes: pages::me::backup_codes::Words,
    pub disable: pages::me::disable::Words,
    pub password: pages::me::password::Words,
    pub administrators: pages::administrators::list::Words,
    pub administrator: pages::administrators::show::Words,
    pub reset: pages::administrators::reset::form::Words,
    pub confirm: pages::administrators::reset::confirm::Words,
    pub suspicious: pages::administrators::suspicious::Words,
    pub clear_suspicion: pages::administrators::clear_suspicion::Words,
    pub authentication: pages::administrators::authentication::Words,
    pub reset_story: pages::resets::show::Words,
    pub reset_requests: pages::reset_requests::list::Words,
    pub reset_request: pages::reset_requests::show::Words,
    pub resets: pages::resets::overview::Words,
    pub activity: pages::activity::list::Words,
    pub entry: pages::activity::show::Words,
    pub alerts: pages::alerts::list::Words,
    pub alert: pages::alerts::show::Words,
    pub silences: pages::silences::list::Words,
    pub rules: pages::rules::list::Words,
    pub rule: pages::rules::show::Words,
    pub moment: super::past::Words,
    pub past: pages::past::Words,
    pub settings: pages::settings::show::Words,
    pub roles: pages::settings::roles::Words,
    pub integrity: pages::integrity::Words,
    pub verification: pages::integrity::verification::Words,
}

/// What is drawn around every page.
mod layout {
    super::words! {
        skip product log_out language time_zone apply signed_in_as password_due password_due_link recorded_as find_administrator find footer printed unreadable
    }
}
pub(super) use layout::Words as Layout;

mod nav {
    super::words! {
        label overview dashboard administrators view_administrators reset_requests resets watch activity alerts rules past
        system settings integrity account my_profile
    }
}
pub(super) use nav::Words as Nav;

mod form {
    super::words! { optional choose cancel back retry_at recorded }
}
pub(super) use form::Words as FormWords;

/// The members of closed sets, by their names in the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub mfa_status: BTreeMap<String, String>,
    pub factor: BTreeMap<String, String>,
    pub permission: BTreeMap<String, String>,
    pub reason: BTreeMap<String, String>,
    /// The guide's scenarios in a few words more.
    pub reason_help: BTreeMap<String, String>,
    pub verification: BTreeMap<String, String>,
    pub red_flag: BTreeMap<String, String>,
    pub channel: BTreeMap<String, String>,
    /// Of a reset request.
    pub stage: BTreeMap<String, String>,
    /// What happened, by the names of actions.
    pub action: BTreeMap<String, String>,
    /// A refusal of `{action}`.
    pub refused: String,
    pub outcome: BTreeMap<String, String>,
    /// Kinds of those who act.
    pub actor: BTreeMap<String, String>,
    pub severity: BTreeMap<String, String>,
    /// Of an alert.
    pub alert_stage: BTreeMap<String, String>,
    pub approval: BTreeMap<String, String>,
    /// Facts that differ between two moments, settings among them.
    pub field: BTreeMap<String, String>,
    /// Why a log-in or a second factor failed.
    pub cause: BTreeMap<String, String>,
    /// What keeps somebody from logging in, and what to try.
    pub log_in_cause: BTreeMap<String, String>,
    pub log_in_advice: BTreeMap<String, String>,
    pub rule_kind: BTreeMap<String, String>,
    /// Rules that ship, by their names; in English as their files have it.
    pub rule_title: BTreeMap<String, String>,
    pub rule_about: BTreeMap<String, String>,
    /// How a verification of the log came about.
    pub verified: BTreeMap<String, String>,
    /// Sources of checkpoints that have no name of their own.
    pub held_against: BTreeMap<String, String>,
    /// By the API's own names.
    pub category: BTreeMap<String, String>,
}

/// The name of a member in the viewer's language; the API's own where the catalogue has none.
pub(super) fn named<'a>(set: &'a BTreeMap<String, String>, member: &'a str) -> &'a str {
    set.get(member).map_or(member, String::as_str)
}

/// What a problem is, and what to do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProblemWords {
    pub title: String,
    pub help: String,
}

/// The catalogue, in two files a language: the help desk's pages, and the auditor's.
const ENGLISH: &str = concat!(include_str!("en.toml"), "\n", include_str!("en-audit.toml"));
const GERMAN: &str = concat!(include_str!("de.toml"), "\n", include_str!("de-audit.toml"));

static EN: LazyLock<Texts> = LazyLock::new(|| read(ENGLISH).expect("a test reads it"));
static DE: LazyLock<Texts> = LazyLock::new(|| read(GERMAN).expect("a test reads it"));

fn read(text: &str) -> Result<Texts, toml::de::Error> {
    toml::from_str(text)
}

impl Lang {
    /// Every language, with the name that it has in itself.
    pub const ALL: [(Self, &'static str); 2] = [(Self::En, "English"), (Self::De, "Deutsch")];

    pub fn texts(self) -> &'static Texts {
        match self {
            Self::En => &EN,
            Self::De => &DE,
        }
    }

    /// As in `lang="…"`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(lang, _)| lang).find(|lang| lang.code() == code)
    }

    /// The first language of ours that `Accept-Language` names, in its order; English otherwise.
    pub fn accepted(header: Option<&HeaderValue>) -> Self {
        let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let ranges = header.split(',').filter_map(|range| range.split([';', '-']).next());
        ranges.map(str::trim).find_map(Self::named).unwrap_or(Self::En)
    }
}

/// A text with what its `{names}` stand for.
pub(super) fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn flat(prefix: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
        match value {
            toml::Value::Table(table) => {
                for (name, value) in table {
                    flat(&format!("{prefix}.{name}"), value, into);
                }
            }
            toml::Value::String(text) => {
                into.insert(prefix.to_owned(), text.clone());
            }
            other => panic!("{prefix} is no text: {other}"),
        }
    }

    fn all(text: &str) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        flat("", &text.parse::<toml::Table>().expect("TOML").into(), &mut texts);
        texts
    }

    fn gaps(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        read(ENGLISH).expect("English");
        read(GERMAN).expect("German");
        let (english, german) = (all(ENGLISH), all(GERMAN));
        assert_eq!(english.keys().collect::<Vec<_>>(), german.keys().collect::<Vec<_>>());
        for (name, text) in &english {
            assert!(!text.trim().is_empty(), "{name} is empty");
            assert_eq!(gaps(text), gaps(&german[name]), "{name}");
        }
    }

    fn has<T: Display>(set: &BTreeMap<String, String>, members: &[T]) {
        let known: BTreeSet<_> = set.keys().cloned().collect();
        assert_eq!(known, members.iter().map(ToString::to_string).collect());
    }

    #[test]
    fn every_member_and_every_refusal_has_its_words() {
        use mfa_ledger_schemas::{
            ActorKind, ApprovalPolicy, Event, Factor, FactorFailure, LogInFailure, MfaStatus,
            NotificationChannel, Outcome, Permission, RedFlag, RefusalCode, ResetReason, Severity,
            VerificationMethod,
        };

        let t = Lang::En.texts();
        has(&t.names.mfa_status, MfaStatus::ALL);
        has(&t.names.outcome, Outcome::ALL);
        has(&t.names.actor, ActorKind::ALL);
        has(&t.names.severity, Severity::ALL);
        has(&t.names.approval, ApprovalPolicy::ALL);
        let actions: Vec<_> = Event::KINDS.iter().map(|(.., action)| *action).collect();
        has(&t.names.action, &actions);
        let causes = FactorFailure::ALL.iter().map(|it| it.name());
        has(&t.names.cause, &causes.chain(LogInFailure::ALL.iter().map(|it| it.name())).collect::<Vec<_>>());
        has(&t.names.factor, Factor::ALL);
        has(&t.names.permission, Permission::ALL);
        has(&t.names.reason, ResetReason::ALL);
        has(&t.names.reason_help, ResetReason::ALL);
        has(&t.names.verification, VerificationMethod::ALL);
        has(&t.names.red_flag, RedFlag::ALL);
        has(&t.names.channel, NotificationChannel::ALL);
        has(&t.names.stage, &{
            use mfa_ledger_api::reset_requests::RequestStage;
            RequestStage::ALL.map(RequestStage::name)
        });
        let missing: Vec<_> =
            RefusalCode::ALL.iter().filter(|code| !t.problems.contains_key(code.name())).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_browser_says_which_language() {
        let accepted = |text| Lang::accepted(Some(&HeaderValue::from_static(text)));
        assert_eq!(accepted("de-AT,de;q=0.9,en;q=0.8"), Lang::De);
        assert_eq!(accepted("cs,en-GB;q=0.7,de;q=0.3"), Lang::En);
        assert_eq!(accepted("fr"), Lang::En);
        assert_eq!(Lang::accepted(None), Lang::En);
    }
}
