//! Other people's software judges what the real binary publishes: Go's `sumdb/note` and `sumdb/tlog`, and
//! pymerkle with openssl. Both accept it, both refuse everything that was changed, and our own verifier
//! says the same in every case.

mod case;
mod changes;
mod consistencies;
mod judge;
mod material;
mod receipts;
mod tiles;

use case::Case;
use judge::{Judge, Verdict};
use material::Material;

use crate::support::draws::{Draws, seeds};

/// Changed cases of each kind, all of which both judges must refuse: above 1,000 together.
const CHANGED: [(&str, usize); 4] =
    [("checkpoint", 200), ("inclusion", 400), ("consistency", 400), ("tile", 200)];

#[tokio::test]
async fn other_peoples_software_accepts_what_we_publish_and_nothing_else() {
    let judges = [Judge::go(), Judge::pymerkle()];
    let material = Material::gather().await;
    let genuine = material.genuine();
    for (kind, _) in CHANGED {
        let count = genuine.iter().filter(|case| case.kind() == kind).count();
        assert!(count >= 2, "before the change of keys and after it there is a {kind} to be judged");
    }
    let mut untouched: Vec<_> = genuine.iter().map(|case| ("as it was published", case.clone())).collect();
    for case in genuine {
        if let Case::Inclusion { keys, receipt, leaf } = case {
            let again = receipts::signed_by_liar(&material, keys, receipt, leaf);
            untouched.push(("signed again", again));
        }
    }
    judged(&judges, &material, &untouched, true);

    for seed in seeds(1, 50) {
        let draws = Draws::new(seed);
        let mut changed = Vec::new();
        for (kind, count) in CHANGED {
            let of_kind: Vec<_> = genuine.iter().filter(|case| case.kind() == kind).collect();
            let mut found = 0;
            while found < count {
                // A change that happens to say the same is none.
                if let Some(case) = changes::change(&draws, &material, of_kind[draws.index(of_kind.len())]) {
                    changed.push(case);
                    found += 1;
                }
            }
        }
        assert!(changed.len() >= 1_000);
        judged(&judges, &material, &changed, false);
    }
}

/// All of them get the same verdict, from everybody.
#[track_caller]
fn judged(judges: &[Judge], material: &Material, cases: &[(&str, Case)], accepted: bool) {
    for (what, case) in cases {
        assert_eq!(case.holds(material), accepted, "our own verifier, {what}: {case:?}");
    }
    for judge in judges {
        let verdicts = judge.judge(material, cases.iter().map(|(_, case)| case));
        assert_eq!(verdicts.len(), cases.len(), "{}", judge.name);
        for ((what, case), verdict) in cases.iter().zip(verdicts) {
            let same = matches!(verdict, Verdict::Accept) == accepted;
            assert!(same, "{} says {verdict:?}, {what}: {case:?}", judge.name);
        }
    }
}
