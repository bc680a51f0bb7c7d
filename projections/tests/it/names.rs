//! Unknown user names: counted each by itself, and never more of them than the bound.

use mfa_ledger_projections::directory::UNKNOWN_NAMES;

use crate::ledger::Ledger;

#[test]
fn the_oldest_unknown_name_goes_when_there_are_too_many() {
    let mut ledger = Ledger::new();
    for number in 0..UNKNOWN_NAMES {
        ledger.stranger(&number.to_string(), 1);
    }
    ledger.stranger("0", 2);
    let count = |ledger: &Ledger, hash: &str| ledger.state.directory.unknown_name(hash).consecutive;
    assert_eq!((count(&ledger, "0"), count(&ledger, "1")), (2, 1));
    ledger.stranger("one more", 1);
    assert_eq!((count(&ledger, "0"), count(&ledger, "1"), count(&ledger, "one more")), (0, 1, 1));
    ledger.stranger("0", 1);
    assert_eq!((count(&ledger, "0"), count(&ledger, "1"), count(&ledger, "2")), (1, 0, 1));
    let kept = (0..UNKNOWN_NAMES).filter(|number| count(&ledger, &number.to_string()) > 0).count();
    assert_eq!(kept + 1, UNKNOWN_NAMES);
}
