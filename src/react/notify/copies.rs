//! To whom a letter goes: to the addresses of the account, and where it is about a reset or a change of the account, to
//! those that were taken away lately.

use lettre::Address;
use mfa_ledger_base::email::is_address;
use mfa_ledger_ledger::service::FORMER_ADDRESS_DAYS;
use mfa_ledger_schemas::{Instant, Personal};

use super::letter::{Letter, Part};

/// A letter and who gets it. Former and present addresses do not see each other.
pub(super) struct Copy {
    pub letter: Letter,
    pub addresses: Vec<Address>,
    /// Whether there is an address that no mail can be sent to.
    pub unusable: bool,
    /// What tells its message id from that of the other copy.
    pub suffix: &'static str,
}

impl Copy {
    fn to<'a>(letter: Letter, emails: impl Iterator<Item = &'a str>, suffix: &'static str) -> Self {
        let (mut addresses, mut unusable) = (Vec::new(), false);
        for email in emails {
            // An earlier version took some that no mail can be sent to.
            match email.parse().ok().filter(|_| is_address(email)) {
                Some(address) if addresses.contains(&address) => {}
                Some(address) => addresses.push(address),
                None => unusable = true,
            }
        }
        Self { letter, addresses, unusable, suffix }
    }
}

/// The copies of a letter.
pub(super) fn copies(letter: Letter, personal: &Personal, now: Instant) -> Vec<Copy> {
    let former: Vec<_> = personal
        .former
        .iter()
        .filter(|it| it.until > now && letter.to_former)
        .map(|it| it.email.as_str())
        .collect();
    let mut to_former = letter.clone();
    to_former.parts.insert(0, Part::Paragraph(said_to_former()));
    let present = Copy::to(letter, personal.emails.iter().map(String::as_str), "");
    let mut copies = vec![present];
    if !former.is_empty() {
        copies.push(Copy::to(to_former, former.into_iter(), "-former"));
    }
    copies
}

fn said_to_former() -> String {
    format!(
        "This address was taken away from the administrator account below. For {FORMER_ADDRESS_DAYS} days, notices of \
        a reset or a change of the account still come here, in case the change was not yours."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_mail_can_be_sent_to_is_known_before_it_is_tried() {
        let emails = ["jane@example.org,", "lit@[10.0.0.1]", "jane@example.org", "jane@example.org"];
        let copy = Copy::to(Letter::default(), emails.into_iter(), "");
        let addresses: Vec<_> = copy.addresses.iter().map(ToString::to_string).collect();
        assert_eq!((addresses, copy.unusable), (vec!["jane@example.org".to_owned()], true));
    }
}
