//! Which events an endpoint is told of.

use std::collections::BTreeSet;

use mfa_ledger_schemas::Event;
use mfa_ledger_schemas::event::REFUSED_ACTIONS;
use serde::{Deserialize, Deserializer, de};

/// What is delivered when nobody says: alerts, resets and what surrounds them.
pub const DEFAULT: &[&str] = &["alert.", "mfa.reset", "reset."];

/// An action as the activity log names it, or, with a dot at its end, all that begin so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions(pub String);

/// All that there are.
fn known() -> BTreeSet<String> {
    let actions = Event::KINDS.iter().map(|(.., action)| *action).filter(|it| *it != "command.refused");
    let actions: BTreeSet<&str> = actions.chain(REFUSED_ACTIONS.iter().copied()).collect();
    let groups =
        actions.iter().filter_map(|action| action.split_once('.')).map(|(room, _)| format!("{room}."));
    groups.chain(actions.iter().map(|action| (*action).to_owned())).collect()
}

impl<'de> Deserialize<'de> for Actions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if known().contains(&text) {
            Ok(Self(text))
        } else {
            Err(de::Error::custom("an action such as mfa.reset, or a group of them such as alert."))
        }
    }
}

impl utoipa::PartialSchema for Actions {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(known()))
            .description(Some("An action, or, with a dot at its end, all that begin so"))
            .into()
    }
}

impl utoipa::ToSchema for Actions {
    fn name() -> std::borrow::Cow<'static, str> {
        "WebhookActions".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_groups_that_there_are_and_no_others() {
        let parse = |text: &str| serde_json::from_value::<Actions>(text.into()).is_ok();
        assert!(DEFAULT.iter().all(|text| parse(text)));
        assert!(parse("mfa.reset_refused") && parse("session."));
        for text in ["", ".", "mfa", "mfa.res", "mfa.reset.", "command.", "*", "nothing.happened"] {
            assert!(!parse(text), "{text}");
        }
    }
}
