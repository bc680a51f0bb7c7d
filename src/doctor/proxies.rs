//! Whether callers behind a proxy can be told apart.

use super::{Context, Outcome};
use crate::config::Config;

const ADVICE: &str = "put the address that the proxy connects from into http.trusted_proxies, and have the proxy set \
    X-Forwarded-For to its caller's address";

pub(super) fn check(context: &Context) -> Outcome {
    judge(&context.config)
}

fn judge(config: &Config) -> Outcome {
    let is_behind_a_proxy = config.http.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
    let trusted = &config.http.trusted_proxies;
    match (is_behind_a_proxy, trusted.as_slice()) {
        (true, []) => Outcome::warn(
            "http.public_url is https, so a proxy stands in front, and http.trusted_proxies is empty: every caller has \
             the proxy's address, so that strangers share the limits and the known places of administrators",
            ADVICE,
        ),
        (false, []) => {
            Outcome::ok("no proxy is configured: callers are known by the address that they connect from")
        }
        (_, trusted) => {
            let names: Vec<_> = trusted.iter().map(ToString::to_string).collect();
            Outcome::ok(format!("X-Forwarded-For is believed from {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn https_without_a_trusted_proxy_is_noticed() {
        let mut config = Config::default();
        assert_eq!(judge(&config).status, Status::Ok);
        config.http.public_url = Some("https://mfa.example.org".to_owned());
        assert_eq!(judge(&config).status, Status::Warn);
        config.http.trusted_proxies = vec!["::1".parse().unwrap()];
        assert_eq!(judge(&config).status, Status::Ok);
    }
}
