//! What sealing costs a command: two servers that differ in nothing else, loaded in turns.

use std::path::Path;
use std::sync::Arc;

use axum::serve::ListenerExt;
use mfa_ledger::config::Config;
use mfa_ledger::{data_dir, http};

use crate::client::rate;
use crate::house::{House, Person, Run};
use crate::phases::{people, refusals};
use crate::table::Figure;
use crate::{CONNECTIONS, Outcome, PHASE, median};

/// Turns of each of the two, the order reversed from one to the next.
const TURNS: usize = 6;

/// Serves a ledger in this process; without sealing, no checkpoint is made after the first.
pub async fn serve(data_dir: &Path, seals: bool) -> Outcome<()> {
    let mut config = Config { data_dir: data_dir.to_owned(), ..Config::default() };
    (config.hashing.memory_kib, config.hashing.passes) = (8, 1);
    let opened = data_dir::open(&config, Arc::default(), Arc::default()).await?;
    if !seals {
        opened.sealer.close().await?;
    }
    let options = http::Options {
        attempts_per_second: 0,
        sealer: Some(Arc::clone(&opened.sealer)),
        ..http::Options::default()
    };
    let router = http::router(Arc::clone(&opened.service), options);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serde_json::json!({"listening": format!("http://{}", listener.local_addr()?)}));
    let listener = listener.tap_io(|stream| {
        // Slower answers of one connection are told by the figures.
        let _slower = stream.set_nodelay(true);
    });
    axum::serve(listener, router.into_make_service_with_connect_info::<std::net::SocketAddr>()).await?;
    Ok(())
}

/// Commands a second with and without; with as many connections at all times, latencies are the inverse.
pub async fn measure() -> Outcome<Figure> {
    let (sealed, bare) = (Side::start(Run::Sealed).await?, Side::start(Run::Unsealed).await?);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        if turn % 2 == 0 {
            with.push(sealed.rate().await?);
            without.push(bare.rate().await?);
        } else {
            without.push(bare.rate().await?);
            with.push(sealed.rate().await?);
        }
    }
    let what = "reset refused and sealed, 64 connections";
    Ok(Figure::per_second(what, median(with), "ratio 0.95")
        .against("the same without sealing", median(without)))
}

struct Side {
    house: House,
    performers: Vec<Person>,
    others: Vec<Person>,
}

impl Side {
    async fn start(run: Run) -> Outcome<Self> {
        let house = House::run(8, 1, run, &[]).await?;
        house.unlimited().await?;
        let performers = people(&house, "performer", "help-desk", CONNECTIONS, true).await?;
        let others = people(&house, "other", "general-staff", CONNECTIONS, false).await?;
        Ok(Self { house, performers, others })
    }

    async fn rate(&self) -> Outcome<f64> {
        let requests = refusals(&self.house, &self.performers, &self.others).await?;
        rate(&self.house.url, requests, PHASE, 422).await
    }
}
