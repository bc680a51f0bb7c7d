//! `mfa-ledger demo`

use std::net::SocketAddr;

use super::exit::Failed;
use super::globals::{Globals, chance, clock};
use super::{out, telemetry};
use crate::{data_dir, demo, server};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let loaded = globals.load(Some(args.listen))?;
    telemetry::begin(&loaded, "error")?;
    let directory = tempfile::Builder::new().prefix("mfa-ledger-demo-").tempdir();
    let directory = directory.map_err(|error| Failed::new("no temporary directory").because(&error))?;
    let config = demo::config(loaded.config, directory.path());
    let welcome = demo::write(&config).await.map_err(|error| Failed::new("no demo").because(&error))?;
    let opened = data_dir::open(&config, clock(), chance()).await?;
    let ready = |address: &str| {
        // Whoever closed the pipe does not want to read it; callers are served all the same.
        let _unread = out::raw(welcome(address).as_bytes());
    };
    Ok(server::serve(opened, &config, ready).await?)
}
