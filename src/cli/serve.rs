//! `mfa-ledger serve`

use std::net::SocketAddr;

use serde_json::json;

use super::exit::Failed;
use super::globals::{Globals, chance, clock};
use super::{out, telemetry};
use crate::server;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let loaded = globals.load(args.listen)?;
    telemetry::begin(&loaded, "info")?;
    let opened = server::open(&loaded.config, clock(), chance()).await?;
    let ready = |address: &str| {
        // Whoever started this may not care for the line; callers are served all the same.
        let _unread = out::json_line(&json!({ "listening": address }));
    };
    Ok(server::serve(opened, &loaded.config, ready).await?)
}
