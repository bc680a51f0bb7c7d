//! Addresses that were those of an account: who takes them away does not keep notices from the person.

use mfa_ledger_schemas::{FormerAddress, Instant, Personal};

/// For how long notices of a reset go to an address that was taken away, in days.
pub const FORMER_ADDRESS_DAYS: u8 = 30;

/// Most addresses of an account that are kept so. The ones that were there first stay: no number of changes pushes out the
/// address of the person.
pub const MOST_FORMER_ADDRESSES: usize = 20;

/// Personal data after a change. What is `None` stays.
#[must_use]
pub fn changed_personal(
    before: Personal,
    display_name: Option<String>,
    emails: Option<Vec<String>>,
    now: Instant,
) -> Personal {
    let until = now.plus_hours(24 * i64::from(FORMER_ADDRESS_DAYS));
    let Personal { display_name: old_name, emails: old_emails, former } = before;
    let emails = emails.unwrap_or_else(|| old_emails.clone());
    let removed = old_emails.into_iter().map(|email| FormerAddress { email, until });
    let mut kept: Vec<FormerAddress> = Vec::new();
    for address in former.into_iter().filter(|it| it.until > now).chain(removed) {
        let is_known = emails.contains(&address.email) || kept.iter().any(|it| it.email == address.email);
        if !is_known && kept.len() < MOST_FORMER_ADDRESSES {
            kept.push(address);
        }
    }
    Personal { display_name: display_name.unwrap_or(old_name), emails, former: kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(emails: &[&str]) -> Personal {
        let emails = emails.iter().map(|&it| it.to_owned()).collect();
        Personal::new("Dana".to_owned(), emails)
    }

    /// A change of the addresses alone.
    fn moved(before: Personal, to: &[&str], now: Instant) -> Personal {
        changed_personal(before, None, Some(to.iter().map(|&it| it.to_owned()).collect()), now)
    }

    fn former(personal: &Personal) -> Vec<&str> {
        personal.former.iter().map(|it| it.email.as_str()).collect()
    }

    #[test]
    fn what_was_taken_away_is_kept_for_its_days() {
        let now = Instant::from_unix_ms(1_000);
        let after = moved(of(&["a@x.example", "b@x.example"]), &["b@x.example", "c@x.example"], now);
        assert_eq!((after.emails.len(), former(&after)), (2, vec!["a@x.example"]));
        let end = now.plus_hours(24 * i64::from(FORMER_ADDRESS_DAYS));
        let named = changed_personal(after.clone(), Some("D.".to_owned()), None, end.plus_seconds(-1));
        assert_eq!((named.display_name.as_str(), former(&named)), ("D.", vec!["a@x.example"]));
        assert_eq!(former(&changed_personal(after, Some("D.".to_owned()), None, end)), Vec::<&str>::new());
    }

    #[test]
    fn what_comes_back_is_former_no_more() {
        let now = Instant::from_unix_ms(1_000);
        let after = moved(of(&["a@x.example"]), &["b@x.example"], now);
        let back = moved(after, &["a@x.example"], now);
        assert_eq!(former(&back), ["b@x.example"]);
    }

    #[test]
    fn no_number_of_changes_pushes_out_the_first() {
        let now = Instant::from_unix_ms(1_000);
        let mut personal = of(&["dana@x.example"]);
        for number in 0..=MOST_FORMER_ADDRESSES + 1 {
            personal = moved(personal, &[&format!("{number}@evil.example")], now);
        }
        assert_eq!(personal.former.len(), MOST_FORMER_ADDRESSES);
        assert_eq!(personal.former[0].email, "dana@x.example");
    }
}
