//! Names that somebody tries: counted each by itself, never more of them than the bound, and those of accounts as those
//! that nobody has.

use mfa_ledger_projections::directory::{SLOWED_NAMES, TriedName};

use crate::ledger::{Ledger, adm};

fn nobody(name: &str) -> TriedName {
    TriedName::Nobody(name.to_owned())
}

#[test]
fn the_oldest_name_goes_when_there_are_too_many() {
    let mut ledger = Ledger::new();
    for number in 0..SLOWED_NAMES {
        ledger.stranger(&number.to_string(), 1);
    }
    ledger.stranger("0", 2);
    let count = |ledger: &Ledger, hash: &str| ledger.state.directory.slowed(&nobody(hash)).consecutive;
    assert_eq!((count(&ledger, "0"), count(&ledger, "1")), (2, 1));
    ledger.stranger("one more", 1);
    assert_eq!((count(&ledger, "0"), count(&ledger, "1"), count(&ledger, "one more")), (0, 1, 1));
    ledger.stranger("0", 1);
    assert_eq!((count(&ledger, "0"), count(&ledger, "1"), count(&ledger, "2")), (1, 0, 1));
    let kept = (0..SLOWED_NAMES).filter(|number| count(&ledger, &number.to_string()) > 0).count();
    assert_eq!(kept + 1, SLOWED_NAMES);
}

#[test]
fn after_many_other_names_an_account_is_slowed_down_as_little_as_nobody() {
    let mut ledger = Ledger::new();
    ledger.register(2);
    for count in 1..=5 {
        ledger.mistype(2, count);
        ledger.stranger("nobody", count);
    }
    let slowed = |ledger: &Ledger| {
        let of = |name: &TriedName| ledger.state.directory.slowed(name).consecutive;
        (of(&TriedName::Account(adm(2))), of(&nobody("nobody")))
    };
    assert_eq!(slowed(&ledger), (5, 5));
    for number in 0..SLOWED_NAMES {
        ledger.stranger(&number.to_string(), 1);
    }
    assert_eq!(slowed(&ledger), (0, 0));
    // How many there were is not forgotten: the block comes after as many in all.
    ledger.mistype(2, 1);
    let own = &ledger.state.directory.administrator(adm(2)).expect("registered").throttles.password_unknown;
    assert_eq!((own.consecutive, slowed(&ledger)), (6, (1, 0)));
}
