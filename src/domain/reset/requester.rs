//! Whether the person who asks for a reset is the one whose MFA is to be reset. Names are compared word by word, without regard
//! to case and order, so that "Reyes, Dana" and "Dana" are Dana Reyes, and another Reyes is not.

use std::collections::BTreeSet;

use mfa_ledger_projections::Administrator;
use mfa_ledger_schemas::{Personal, Words};

use crate::{Case, Evidence, No, Question, Undecided};

/// Whether the requester is the target: by the user name, or by what lies sealed about them.
pub(super) fn is_target(case: &Case<'_>, words: &Words, target: &Administrator) -> Result<bool, No> {
    match (target.personal, case.evidence()) {
        _ if is_named(words, &target.user_name) => Ok(true),
        (None, _) => Ok(false),
        (Some(personal), Evidence::Requester { personal: compared, fits }) if personal == compared => {
            Ok(fits)
        }
        // They were compared with what has changed since, or with nothing yet.
        (Some(_), _) => Err(Undecided::StaleEvidence.into()),
    }
}

/// What is to be compared to find out; nothing where the words settle it.
pub(super) fn question<'a>(words: &'a Words, target: Option<&Administrator>) -> Question<'a> {
    match target.and_then(|target| target.personal) {
        Some(personal) if words.requester_name.is_some() => Question::Requester { personal, given: words },
        Some(_) | None => Question::Nothing,
    }
}

/// Whether the requester is the person of this display name and these addresses.
pub fn is_person(given: &Words, personal: &Personal) -> bool {
    let contact = given.requester_contact.as_deref().unwrap_or_default().trim();
    is_named(given, &personal.display_name)
        || personal.emails.iter().any(|email| email.to_lowercase() == contact.to_lowercase())
}

fn is_named(given: &Words, name: &str) -> bool {
    let (given, name) = (names(given.requester_name.as_deref().unwrap_or_default()), names(name));
    !given.is_empty() && !name.is_empty() && (given.is_subset(&name) || name.is_subset(&given))
}

fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !char.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_by_any_form_of_their_name_and_by_an_address() {
        let dana = Personal::new("Dana Reyes".to_owned(), vec!["dana@school.example".to_owned()]);
        let is_dana = |name: &str, contact: &str| {
            let words = Words {
                requester_name: Some(name.to_owned()),
                requester_contact: Some(contact.to_owned()),
                text: None,
            };
            is_person(&words, &dana)
        };
        for name in ["Dana Reyes", "reyes, DANA", "Dana", "Mrs Dana M. Reyes", "  reyes  "] {
            assert!(is_dana(name, "extension 20"), "{name}");
        }
        for name in ["Juan Reyes", "Dan", "Dan Areyes", "", "-", "D"] {
            assert!(!is_dana(name, "extension 20"), "{name}");
        }
        assert!(is_dana("The person at the door", " Dana@School.Example "));
        assert!(!is_dana("The person at the door", "other-dana@school.example"));
    }
}
