//! What is documented before a reset, as it was typed.

use std::collections::BTreeMap;

use mfa_ledger_schemas::{ResetReason, VerificationMethod};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Case;
use crate::Zone;
use crate::form::typed;

/// What the first page asks for, by the names that the API has. The second keeps it in hidden fields.
const DOCUMENTED: [&str; 7] = [
    "verification",
    "reason",
    "reason_text",
    "requester_name",
    "requester_contact",
    "requested_at",
    "ticket",
];

/// The form, over all its pages. The rules are the API's: nothing is looked at before it is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Story(BTreeMap<String, String>);

impl Story {
    /// An approved request, whose story is told already. Or what is likely: the person asked for themselves, just now.
    pub fn fresh(case: &Case, zone: &Zone) -> Self {
        let fields = match case.explanation.reset_request {
            Some(request) => vec![("reset_request", request.to_string())],
            None => vec![
                ("requester_name", case.it.shown().to_owned()),
                ("requested_at", zone.input(case.explanation.at)),
            ],
        };
        Self(fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
    }

    /// A field, if anything was typed.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(|text| typed(text))
    }

    /// The same for the form, which shows nothing where nothing was typed.
    pub fn field(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    pub fn verification(&self) -> Option<VerificationMethod> {
        self.get("verification")?.parse().ok()
    }

    pub fn reason(&self) -> Option<ResetReason> {
        self.get("reason")?.parse().ok()
    }

    /// What is documented, as the API takes it. The time was typed in the viewer's zone.
    pub fn documented(&self, zone: &Zone) -> Value {
        let mut body = json!({});
        for name in DOCUMENTED {
            let text = self.get(name);
            body[name] = if name == "requested_at" {
                json!(text.and_then(|text| zone.typed(&text)))
            } else {
                json!(text)
            };
        }
        body
    }

    /// Everything that the first page asked for.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let all = DOCUMENTED.into_iter().chain(["reset_request"]);
        all.filter_map(|name| Some((name, self.get(name)?))).collect()
    }
}

#[cfg(test)]
impl Story {
    pub fn sample() -> Self {
        let fields = [
            ("key", "0123"),
            ("verification", "email_only"),
            ("reason", "other"),
            ("reason_text", "</textarea><script>alert(1)</script>"),
            ("requester_name", "\"><script>alert(1)</script>"),
            ("requester_contact", "=cmd()"),
            ("requested_at", "2026-05-04T11:00"),
            ("ticket", "HD-1"),
            ("reset_request", "rrq_01h455vb4pex5vsknk084sn02q"),
            ("confirmation", "dana"),
        ];
        Self(fields.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }
}
