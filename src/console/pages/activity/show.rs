//! `/console/activity/{position}`: one entry with everything recorded, and its proof, checked step by step.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use mfa_ledger_api::activity::{Entry, WithProof};
use mfa_ledger_schemas::Position;

use crate::facts::facts;
use crate::proof::{Proven, Unproven};
use crate::{Console, Frame, Id, Inside, Trouble, fill, page, proof, words};

words! {
    title back entry of when what who role whom super_administrator code from user_agent request stream id void
    words requester contact text details none leaf leaf_hint download_leaf download_proof previous by_actor
    about_target proof verified not_verified not_sealed not_sealed_hint again step_shown step_leaf step_path
    step_key limits other_entry unreadable unsigned other_position not_included no_proof
}

#[derive(Template)]
#[template(path = "pages/activity/show.html")]
struct Page {
    frame: Frame,
    it: Entry,
    facts: BTreeMap<String, String>,
    leaf: String,
    /// What came of checking the proof; nothing, while no checkpoint covers the record.
    proof: Option<Result<Proven, Unproven>>,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/activity/{position}", get(show))
        .route("/console/activity/{position}/leaf", get(leaf))
        .route("/console/activity/{position}/proof", get(proof))
}

async fn show(Inside(visit): Inside, Id(position): Id<Position>) -> Result<Response, Trouble> {
    let path = format!("/v1/activity/{position}/with-proof");
    let seen = visit.api.get::<WithProof<Entry>>(&path).await?;
    let proof = checked(&seen);
    let (it, leaf) = (seen.entry, seen.leaf);
    let facts = facts(&it);
    Ok(page(StatusCode::OK, &Page { frame: visit.frame, it, facts, leaf, proof }))
}

/// What comes of checking the proof; nothing, while no checkpoint covers the record.
fn checked(seen: &WithProof<Entry>) -> Option<Result<Proven, Unproven>> {
    let sealed = seen.sealed.as_ref()?;
    let (entry, keys) = (&seen.entry, &sealed.keys.keys);
    if let Some(proof) = &seen.proof {
        return Some(proof::check(entry, &seen.leaf, proof, keys));
    }
    let signed = proof::signed(&sealed.checkpoint, &proof::known(keys));
    let waits = signed.is_some_and(|(signed, _)| signed.checkpoint.size < entry.position.0);
    // Where it is sealed, whatever is in the way does not go away by waiting.
    (!waits).then_some(Err(Unproven::NoProof))
}

async fn leaf(Inside(visit): Inside, Id(position): Id<Position>) -> Result<Response, Trouble> {
    let leaf = visit.api.text(&format!("/v1/activity/{position}/leaf")).await?;
    file(&format!("{position}.json"), "application/cloudevents+json", leaf)
}

async fn proof(Inside(visit): Inside, Id(position): Id<Position>) -> Result<Response, Trouble> {
    let proof = visit.api.text(&format!("/v1/activity/{position}/proof")).await?;
    file(&format!("{position}.tlog-proof"), "text/plain; charset=utf-8", proof)
}

/// A file to keep.
fn file(name: &str, media_type: &'static str, content: String) -> Result<Response, Trouble> {
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(Trouble::broken)?;
    let media_type = HeaderValue::from_static(media_type);
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], content)
        .into_response())
}

impl Page {
    /// The steps that were taken, in words.
    fn steps(&self, proven: &Proven) -> Vec<String> {
        let t = &self.frame.t.entry;
        vec![
            t.step_shown.clone(),
            fill(&t.step_leaf, &[("hash", &proven.leaf)]),
            fill(&t.step_path, &[("hashes", &proven.hashes), ("size", &proven.size), ("root", &proven.root)]),
            fill(&t.step_key, &[("origin", &proven.origin), ("key", &proven.key)]),
        ]
    }

    fn why(&self, unproven: Unproven) -> &'static str {
        let t = &self.frame.t.entry;
        match unproven {
            Unproven::OtherEntry => &t.other_entry,
            Unproven::Unreadable => &t.unreadable,
            Unproven::Unsigned => &t.unsigned,
            Unproven::OtherPosition => &t.other_position,
            Unproven::NotIncluded => &t.not_included,
            Unproven::NoProof => &t.no_proof,
        }
    }

    /// Whether there is a proof to keep, right or wrong.
    fn has_proof(&self) -> bool {
        self.proof.as_ref().is_some_and(|proof| !matches!(proof, Err(Unproven::NoProof)))
    }

    fn previous(&self) -> Option<u64> {
        self.it.position.0.checked_sub(1).filter(|position| *position > 0)
    }

    /// The stored event on several lines; the download has its bytes.
    fn pretty(&self) -> String {
        let value = serde_json::from_str::<serde_json::Value>(&self.leaf);
        value.ok().and_then(|it| serde_json::to_string_pretty(&it).ok()).unwrap_or_else(|| self.leaf.clone())
    }
}

#[cfg(test)]
pub(super) fn samples(lang: crate::texts::Lang) -> Vec<String> {
    let draw = |position, proof| {
        let it = crate::samples::entry(position);
        let (frame, facts) = (Frame::sample(lang), facts(&it));
        let leaf = "{\"type\":\"</pre><script>\"}".to_owned();
        Page { frame, it, facts, leaf, proof }.render().expect("it renders")
    };
    let proven = Proven {
        origin: "example.org/<log>".to_owned(),
        key: "example.org (00ff)".to_owned(),
        size: 7,
        root: "AAAA".to_owned(),
        leaf: "BBBB".to_owned(),
        hashes: 3,
    };
    let wrong = [
        Unproven::OtherEntry,
        Unproven::Unreadable,
        Unproven::Unsigned,
        Unproven::OtherPosition,
        Unproven::NotIncluded,
        Unproven::NoProof,
    ];
    let mut samples = vec![draw(2, Some(Ok(proven))), draw(1, None)];
    samples.extend(wrong.map(|wrong| draw(5, Some(Err(wrong)))));
    samples
}
