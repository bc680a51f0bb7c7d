//! Deliveries to webhooks, as the configuration allows them.

use std::sync::Arc;
use std::time::Duration;

use super::{Means, StartError};
use crate::config::{Config, network};
use crate::react::deliver::{Deliveries, Reach, Setup};
use crate::service::Service;

/// Begins to deliver.
pub(super) fn start(
    config: &Config,
    service: &Arc<Service>,
    means: &Means,
) -> Result<Deliveries, StartError> {
    let settings = &config.webhooks;
    let networks = settings.allow_networks.iter().filter_map(|text| network::parse(text)).collect();
    let authorities = match &settings.authorities_file {
        Some(file) => Some(std::fs::read(file).map_err(StartError::io(file))?),
        None => None,
    };
    let reach = Reach { allow_http: settings.allow_http, networks, authorities };
    if reach.allow_http {
        tracing::warn!(
            "webhooks may be http://: what is delivered there can be read and held back by others"
        );
    }
    let dir = config.data_dir.join("webhooks");
    let Means { disk, clock, chance } = means.clone();
    let setup = Setup { service: Arc::clone(service), dir, disk, clock, chance, reach };
    Deliveries::start(setup).map_err(StartError::Webhooks)
}

/// Ends them.
pub(super) async fn close(deliveries: &Deliveries, within: Duration) {
    deliveries.close(within).await;
}
