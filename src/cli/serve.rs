//! `mfa-ledger serve`

use std::net::SocketAddr;

use mfa_ledger_schemas::limits::ACCEPTED_LOSS_CHARS;
use serde_json::json;

use super::exit::{Exit, Failed};
use super::globals::{Globals, chance, clock};
use super::telemetry::CLIENT_OF_NATS;
use super::{operator, out, telemetry};
use crate::data_dir;
use crate::server;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Address of a NATS server to publish to, nats://HOST:PORT; repeated for a cluster [default: nats.urls]
    #[arg(long, value_name = "URL")]
    nats: Vec<String>,
    /// Go on with a log that was altered, cut or rolled back, or without a vault that is lost, and say why: up to 500
    /// characters. It is recorded; what cannot be kept is set aside in lost/ of the data directory, and checkpoints of a
    /// changed log get a new origin and key. Vault entries that the remaining log does not name are copied to lost/ and then
    /// destroyed in the vault. No reset destroys what lies in lost/: delete it when the case is closed
    #[arg(long, value_name = "REASON")]
    accept_loss: Option<String>,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let loaded = globals.load_with(args.listen, args.nats)?;
    telemetry::begin(&loaded, &format!("info,{CLIENT_OF_NATS}"))?;
    // Before anything is opened: a broken rule is no reason to touch the data.
    server::rules(&loaded.config)?;
    let opened = match &args.accept_loss {
        None => data_dir::open(&loaded.config, clock(), chance()).await?,
        Some(reason) if (1..=ACCEPTED_LOSS_CHARS).contains(&reason.trim().chars().count()) => {
            server::require_address(&loaded.config)?;
            data_dir::open_accepting_loss(&loaded.config, reason, operator::name(), clock(), chance()).await?
        }
        Some(_) => {
            let why = format!("--accept-loss takes a reason of 1 to {ACCEPTED_LOSS_CHARS} characters");
            return Err(Failed::with(Exit::Usage, why));
        }
    };
    let ready = |address: &str| {
        // Whoever started this may not care for the line; callers are served all the same.
        let _unread = out::json_line(&json!({ "listening": address }));
    };
    Ok(server::serve(opened, &loaded.config, ready).await?)
}
