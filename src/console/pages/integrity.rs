//! `/console/integrity`: how the log is sealed, who knows of it elsewhere, and what an auditor does with that.

pub(crate) mod verification;

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum_extra::extract::Query;
use mfa_ledger_api::health::{Readiness, Status};
use mfa_ledger_api::log::{AnchorState, ConsistencyProof, LogIntegrity, LogVerifications, SealedLog};
use mfa_ledger_base::tlog::SignedCheckpoint;
use serde::Deserialize;

use crate::{Asking, Console, Frame, Inside, Trouble, fill, page, proof, with_query, words};

words! {
    title intro checkpoint signed unsigned unavailable unavailable_hint origin records root key head
    head_unsealed head_all keys keys_hint copy copied anchors anchors_none anchor knows behind failures state
    fine failing disputed failing_now earlier earlier_hint earlier_label earlier_submit continues
    continues_detail other_log other_log_detail unreadable foreign newer auditor step_key step_keep step_compare
    step_verify step_bundle raw
}

#[derive(Template)]
#[template(path = "pages/integrity.html")]
struct Page {
    frame: Frame,
    /// Not there while checkpoints cannot be made.
    sealed: Option<Sealed>,
    /// Not there while the log does not take records.
    health: Option<Readiness>,
    anchors: Vec<AnchorState>,
    /// Not there for those who may not see it.
    verified: Option<LogVerifications>,
    earlier: String,
    compared: Option<Compared>,
}

/// The newest checkpoint.
#[derive(Clone, Debug)]
struct Sealed {
    text: String,
    keys: Vec<String>,
    origin: String,
    size: u64,
    root: String,
    /// The key that has signed it; none where none of the log's has.
    key: Option<String>,
}

/// What came of holding an earlier checkpoint against the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    Continues {
        earlier: u64,
        now: u64,
    },
    OtherLog,
    /// No signed checkpoint.
    Unreadable,
    /// Not signed by this log.
    Foreign,
    /// Of more records than this log has.
    Newer,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    earlier: String,
}

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/integrity", get(show)).merge(verification::routes())
}

async fn show(Inside(visit): Inside, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    let (api, frame) = (visit.api, visit.frame);
    let LogIntegrity { sealed, readiness, anchors, verified } = api.get("/v1/log/integrity").await?;
    let sealed = sealed.map(Sealed::of).transpose()?;
    let health = Some(readiness).filter(|it| it.status != Status::Unavailable);
    let earlier = wanted.earlier.replace("\r\n", "\n");
    let compared = match &sealed {
        Some(sealed) if !earlier.trim().is_empty() => Some(compared(&api, sealed, &earlier).await?),
        _ => None,
    };
    Ok(page(StatusCode::OK, &Page { frame, sealed, health, anchors, verified, earlier, compared }))
}

impl Sealed {
    fn of(SealedLog { keys, checkpoint: text }: SealedLog) -> Result<Self, Trouble> {
        let keys = keys.keys;
        let checkpoint = SignedCheckpoint::parse(text.as_bytes()).map_err(Trouble::broken)?.checkpoint;
        let key = proof::signed(&text, &proof::known(&keys)).map(|(_, key)| key);
        let (origin, size, root) = (checkpoint.origin, checkpoint.size, checkpoint.root.to_string());
        Ok(Self { text, keys, origin, size, root, key })
    }
}

/// Whether the log that an earlier checkpoint is about is the beginning of this one.
async fn compared(api: &Asking, sealed: &Sealed, earlier: &str) -> Result<Compared, Trouble> {
    // Whoever copies a text may lose its last newline.
    let earlier = format!("{}\n", earlier.trim_end());
    if SignedCheckpoint::parse(earlier.as_bytes()).is_err() {
        return Ok(Compared::Unreadable);
    }
    let known = proof::known(&sealed.keys);
    let Some((older, _)) = proof::signed(&earlier, &known) else { return Ok(Compared::Foreign) };
    let Some((newer, _)) = proof::signed(&sealed.text, &known) else { return Ok(Compared::Foreign) };
    let (from, to) = (older.checkpoint.size, newer.checkpoint.size);
    if from > to {
        return Ok(Compared::Newer);
    }
    let path = with_query("/v1/log/consistency", &[("from", &from.to_string()), ("to", &to.to_string())]);
    let proof = api.get::<ConsistencyProof>(&path).await?;
    let holds = proof::continues(&older, &newer, &proof.hashes);
    Ok(if holds { Compared::Continues { earlier: from, now: to } } else { Compared::OtherLog })
}

impl Page {
    /// How many records no checkpoint covers yet.
    fn unsealed(&self) -> Option<u64> {
        let (sealed, head) = (self.sealed.as_ref()?, self.health.as_ref()?.head?);
        Some(head.0.saturating_sub(sealed.size))
    }

    fn told_head(&self) -> String {
        let t = &self.frame.t.integrity;
        match self.unsealed() {
            None => "\u{2013}".to_owned(),
            Some(0) => t.head_all.clone(),
            Some(n) => fill(&t.head_unsealed, &[("n", &n)]),
        }
    }

    /// Whether the server says that checkpoints or anchors do not keep up.
    fn is_failing(&self) -> bool {
        let checks = self.health.iter().flat_map(|health| &health.checks);
        let ours = checks.filter(|check| matches!(&*check.name, "checkpoints" | "anchors"));
        ours.into_iter().any(|check| check.status != Status::Ready)
    }

    fn all_keys(sealed: &Sealed) -> String {
        sealed.keys.join("\n")
    }

    /// What came of the comparison: whether it is good, what, and what that means.
    fn told(&self, compared: &Compared) -> (bool, String, String) {
        let t = &self.frame.t.integrity;
        match compared {
            Compared::Continues { earlier, now } => {
                let detail = fill(&t.continues_detail, &[("earlier", earlier), ("now", now)]);
                (true, t.continues.clone(), detail)
            }
            Compared::OtherLog => (false, t.other_log.clone(), t.other_log_detail.clone()),
            Compared::Unreadable => (false, t.unreadable.clone(), String::new()),
            Compared::Foreign => (false, t.foreign.clone(), String::new()),
            Compared::Newer => (false, t.newer.clone(), t.other_log_detail.clone()),
        }
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    use mfa_ledger_schemas::Position;

    let sealed = |key: Option<&str>| Sealed {
        text: "example.org/<log>\n7\nAAAA\n".to_owned(),
        keys: vec!["<key>".to_owned()],
        origin: "example.org/<log>".to_owned(),
        size: 7,
        root: "AAAA".to_owned(),
        key: key.map(str::to_owned),
    };
    let anchor = |failures, disputed| AnchorState {
        name: "<s3>".to_owned(),
        position: Position(7),
        lag: 2,
        failures,
        disputed,
    };
    let health = |head, status| Readiness {
        status,
        position: Position(head),
        head: Some(Position(head)),
        checks: vec![mfa_ledger_api::health::Check::new("anchors", (status, "as they are"))],
    };
    let draw = |sealed, health, anchors: Vec<_>, compared| {
        let (frame, earlier) = (Frame::sample(lang), "</textarea><script>".to_owned());
        let verified = match compared {
            Some(Compared::Continues { .. }) => Some(verification::sample(5, false)),
            Some(Compared::OtherLog) => Some(verification::sample(3, true)),
            _ => None,
        };
        Page { frame, sealed, health, anchors, verified, earlier, compared }.render().expect("it renders")
    };
    let good = Some(Compared::Continues { earlier: 3, now: 7 });
    let anchors = vec![anchor(0, false), anchor(2, false), anchor(0, true)];
    vec![
        draw(Some(sealed(Some("example.org (00ff)"))), Some(health(7, Status::Ready)), anchors, good),
        draw(Some(sealed(None)), Some(health(9, Status::Degraded)), Vec::new(), Some(Compared::OtherLog)),
        draw(Some(sealed(None)), None, Vec::new(), Some(Compared::Unreadable)),
        draw(Some(sealed(None)), None, Vec::new(), Some(Compared::Foreign)),
        draw(Some(sealed(None)), None, Vec::new(), Some(Compared::Newer)),
        draw(None, None, Vec::new(), None),
    ]
}
