//! `mfa-ledger health`: for health checks in images without a shell.

use std::time::Duration;

use super::exit::Failed;
use super::globals::Globals;
use super::{out, remote};
use crate::data_dir;

/// A server that takes longer is not well.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the server [default: where the server of the data directory listens]
    #[arg(long)]
    url: Option<String>,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let base = if let Some(url) = args.url {
        url
    } else {
        let config = globals.load(None)?.config;
        data_dir::listening(&config.data_dir).unwrap_or_else(|| format!("http://{}", config.http.listen))
    };
    let url = format!("{}/readyz", base.trim_end_matches('/'));
    let asked = remote::client()?.get(&url).timeout(ANSWER_WITHIN).send().await;
    let response = asked.map_err(|error| Failed::new(format!("{url} cannot be reached")).because(&error))?;
    let (status, body) = (response.status(), response.text().await.unwrap_or_default());
    if status.is_success() {
        return out::raw(format!("{}\n", body.trim()).as_bytes());
    }
    Err(Failed::new(format!("{url} answered {status}: {}", body.trim())))
}
