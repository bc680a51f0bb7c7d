//! Deliveries to webhooks, as the configuration allows them.

use std::sync::Arc;

use super::ServeError;
use crate::config::{Config, network};
use crate::data_dir::{Means, Opened};
use crate::react::deliver::{Deliveries, Reach, Setup};

/// Begins to deliver.
pub(super) fn start(config: &Config, opened: &Opened) -> Result<Deliveries, ServeError> {
    let settings = &config.webhooks;
    let networks = settings.allow_networks.iter().filter_map(|text| network::parse(text)).collect();
    let authorities = match &settings.authorities_file {
        Some(file) => {
            let unread = |source| ServeError::Authorities { file: file.clone(), source };
            Some(std::fs::read(file).map_err(unread)?)
        }
        None => None,
    };
    let reach = Reach { allow_http: settings.allow_http, networks, authorities };
    if reach.allow_http {
        tracing::warn!(
            "webhooks may be http://: what is delivered there can be read and held back by others"
        );
    }
    let dir = config.data_dir.join("webhooks");
    let Means { disk, clock, chance } = opened.means();
    let setup = Setup { service: Arc::clone(&opened.service), dir, disk, clock, chance, reach };
    Deliveries::start(setup).map_err(ServeError::Webhooks)
}
