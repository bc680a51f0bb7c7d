//! An export outlives the key that its checkpoint was signed with.

use super::{TAMPERED, add_administrator, export_to, verify};
use crate::support::server::{Place, text};

fn known(place: &Place) -> Vec<String> {
    text(&place.run(&["log", "keys"]).stdout).lines().map(str::to_owned).collect()
}

#[test]
fn one_from_before_a_rotation_is_sound_after_it_and_the_other_way_round_the_key_must_be_known() {
    let (place, _) = Place::initialised();
    let before =
        [export_to(&place, "before", &[]), export_to(&place, "before-part", &["--leaves", "--from", "4"])];
    let old = known(&place);
    assert!(place.run(&["keys", "rotate"]).status.success());
    add_administrator(&place, "ann");
    let all = known(&place);
    assert_eq!((old.len(), all.len()), (1, 2));
    assert_eq!(old[0], all[0], "the old key stays known");
    let new = all[1].clone();
    let elsewhere = Place::empty();
    for file in &before {
        let (code, report, told) = verify(&elsewhere, file, &["--key", &all[0], "--key", &all[1]]);
        assert_eq!((code, &report["signed_by"][0]), (Some(0), &all[0].clone().into()), "{told}");
        assert_eq!(verify(&place, file, &[]).0, Some(0), "with the keys that lie there");
        let (code, report, _) = verify(&elsewhere, file, &["--key", &new]);
        assert_eq!((code, &report["kind"]), (TAMPERED, &"signature".into()), "{report}");
    }
    let after =
        [export_to(&place, "after", &[]), export_to(&place, "after-part", &["--leaves", "--from", "4"])];
    for file in &after {
        let (code, report, told) = verify(&elsewhere, file, &["--key", &old[0]]);
        assert_eq!((code, &report["kind"]), (TAMPERED, &"signature".into()), "{told}");
        assert!(told.contains("no known key has signed"), "{told}");
        assert_eq!(verify(&elsewhere, file, &["--key", &new]).0, Some(0));
        assert_eq!(verify(&place, file, &[]).0, Some(0));
    }
}
