//! Hosts as anchors.

use axum::http::StatusCode;

use super::host::Host;
use super::{check, copy, ended, head, kept, metric, more, put_back, put_back_all, refused, until};
use crate::support::server::{Place, Server};

pub fn environment(host: &Host) -> [(&'static str, String); 2] {
    [
        ("MFA_LEDGER__LOG__ANCHORS", host.url.clone()),
        ("MFA_LEDGER__LOG__ANCHOR_TOKEN", "let-me-in".to_owned()),
    ]
}

pub fn borrowed<'a>(environment: &'a [(&'static str, String); 2]) -> [(&'static str, &'a str); 2] {
    [(environment[0].0, &environment[0].1), (environment[1].0, &environment[1].1)]
}

pub fn size(host: &Host) -> u64 {
    host.note().map_or(0, |note| kept(&note).checkpoint.size)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_gets_every_checkpoint_and_refuses_yesterday() {
    let host = Host::start().await;
    let environment = environment(&host);
    let (place, password) = Place::initialised();
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let server = Server::on(place, password, &borrowed(&environment));
    let head = head(&server.client()).await;
    until("it is anchored", async || size(&host) == head).await;
    let tokens = host.change(|kept| kept.tokens.clone());
    assert!(tokens.iter().all(|token| token == "Bearer let-me-in"), "{tokens:?}");
    let place = ended(server);
    put_back(&place, &yesterday);
    let name = format!("anchor {}", host.url);
    refused(&place, &borrowed(&environment), &[&name, "records are missing at the end"]);
}

/// The anchor is away while a directory is put back: the start cannot know, and the server ends once the
/// anchor answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_ends_when_its_anchor_turns_out_to_know_more() {
    let host = Host::start().await;
    let environment = environment(&host);
    let (place, password) = Place::initialised();
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let place = ended(Server::on(place, password.clone(), &borrowed(&environment)));
    assert!(size(&host) > 0);
    put_back_all(&place, &yesterday);
    host.change(|kept| kept.refusal = Some(StatusCode::SERVICE_UNAVAILABLE));
    let mut server = Server::on(place, password, &borrowed(&environment));
    let client = server.client();
    let failures = "mfa_ledger_anchor_failures{anchor=\"anchor-1\"}";
    until("it fails", async || metric(&client, failures).await > Some(0)).await;
    let before = host.note();
    host.change(|kept| kept.refusal = None);
    let status =
        tokio::task::spawn_blocking(move || (server.wait(), server)).await.expect("it is waited for");
    assert_eq!(status.0.code(), Some(10), "{}", status.1.told());
    assert!(status.1.told().contains("the log was rolled back"), "{}", status.1.told());
    assert_eq!(host.note(), before, "nothing is put over what is known there");
}

/// A host that only says so proves nothing: it is told, and nobody is locked out.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_nobody_signed_stops_nothing() {
    let host = Host::start().await;
    host.change(|kept| kept.put = Some(StatusCode::CONFLICT));
    let environment = environment(&host);
    let (place, password) = Place::initialised();
    let server = Server::on(place, password.clone(), &borrowed(&environment));
    let client = server.client();
    until("it is disputed", async || check(&client).await == "degraded").await;
    assert_eq!(metric(&client, "mfa_ledger_anchor_disputed{anchor=\"anchor-1\"}").await, Some(1));
    let (client, _) = client.log_in("root", &password).await;
    host.change(|kept| kept.put = None);
    until("it is anchored after all", async || check(&client).await == "ready").await;
    ended(server);
}
