//! The part of the page that tells what of the log was verified, and `POST /console/integrity/verify`, which wants all
//! of it verified now.

use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::post;
use mfa_ledger_api::log::{HeldAgainst, LogVerification, LogVerifications, VerificationOccasion};
use mfa_ledger_api::receipt::Receipt;
use serde_json::json;

use super::Page;
use crate::flash::told;
use crate::{Command, Console, Inside, Trouble, fill, named, see_other, words};

words! {
    title hint unseen whole part none running waiting broken_off submit again how ended records root against took
    took_less reload elsewhere
}

const PATH: &str = "/v1/log/verification";

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/integrity/verify", post(verify))
}

async fn verify(Inside(visit): Inside) -> Result<Response, Trouble> {
    let wanted = visit.api.command::<Receipt>(Command::new(Method::POST, PATH, "", &json!({}))?).await?.body;
    Ok(see_other(&told("/console/integrity", "verification_wanted", wanted.position)))
}

/// How far the records were verified from the first on without a gap, over all occasions.
fn reach(seen: &LogVerifications) -> u64 {
    let mut reach = 0;
    loop {
        let on = seen.done.iter().filter(|it| it.from.0 <= reach + 1 && it.to.0 > reach);
        match on.map(|it| it.to.0).max() {
            Some(to) => reach = to,
            None => return reach,
        }
    }
}

impl Page {
    /// What is verified in all, and whether that is everything there was.
    pub(super) fn verified(&self, seen: &LogVerifications) -> (bool, String) {
        let t = &self.frame.t.verification;
        let (reach, last) = (reach(seen), seen.done.iter().map(|it| it.to.0).max());
        match last {
            Some(last) if reach >= last => (true, fill(&t.whole, &[("n", &reach)])),
            Some(last) => {
                let from = seen.done.iter().map(|it| it.from.0).find(|from| *from > reach + 1);
                (false, fill(&t.part, &[("from", &from.unwrap_or(reach + 1)), ("to", &last)]))
            }
            None => (false, t.none.clone()),
        }
    }

    pub(super) fn progress(&self, seen: &LogVerifications) -> Option<String> {
        let (t, running) = (&self.frame.t.verification, seen.running.as_ref()?);
        let how = self.occasion(&running.occasion);
        Some(fill(&t.running, &[("how", &how), ("seen", &running.seen), ("to", &running.to)]))
    }

    pub(super) fn occasion(&self, occasion: &VerificationOccasion) -> &'static str {
        named(&self.frame.t.names.verified, occasion.name())
    }

    /// A checkpoint that others do not have is named in the viewer's language.
    pub(super) fn held_against(&self, it: &HeldAgainst) -> String {
        format!("{} ({})", named(&self.frame.t.names.held_against, &it.source), it.size)
    }

    pub(super) fn took(&self, it: &LogVerification) -> String {
        let t = &self.frame.t.verification;
        match it.ended_at.seconds_since(it.began_at) {
            0 => t.took_less.clone(),
            seconds => fill(&t.took, &[("n", &seconds)]),
        }
    }
}

#[cfg(test)]
pub(super) fn sample(last: u64, running: bool) -> LogVerifications {
    use mfa_ledger_api::log::RunningVerification;
    use mfa_ledger_schemas::{Instant, Position};

    let at = Instant::from_unix_ms(1_777_888_800_000);
    let verification = |occasion, from, to| LogVerification {
        occasion,
        began_at: at,
        ended_at: at.plus_minutes(i64::from(running)),
        from: Position(from),
        to: Position(to),
        root: "AAAA".to_owned(),
        held_against: ["checkpoint", "anchor <s3>"]
            .map(|source| HeldAgainst {
                source: source.to_owned(),
                origin: "example.org/<log>".to_owned(),
                size: Position(to),
                root: "AAAA".to_owned(),
            })
            .to_vec(),
    };
    let going = RunningVerification {
        occasion: VerificationOccasion::LookedOver,
        began_at: at,
        seen: Position(2),
        to: Position(5),
    };
    LogVerifications {
        done: vec![
            verification(VerificationOccasion::OnDemand, 1, last),
            verification(VerificationOccasion::Start, 6, 9),
        ],
        running: running.then_some(going),
        waiting: running,
        broken_off_at: running.then_some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_read_is_not_said_to_be_verified() {
        assert_eq!(reach(&sample(5, false)), 9, "one after the other");
        assert_eq!(reach(&sample(12, false)), 12);
        assert_eq!(reach(&sample(3, false)), 3, "4 and 5 were not read");
        let nothing = LogVerifications { done: Vec::new(), ..sample(1, false) };
        assert_eq!(reach(&nothing), 0);
    }
}
