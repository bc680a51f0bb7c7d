//! Networks as the configuration writes them.

use std::net::IpAddr;

use ipnet::IpNet;

/// The network that is written as `10.1.0.0/16`; an address alone is a network of its own.
pub fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let Some((address, prefix)) = text.split_once('/') else {
        return text.parse::<IpAddr>().ok().map(IpNet::from);
    };
    // `IpNet` itself would take `010.0.0.0`, which some read as an octal number, and `u8` would take `+8`.
    let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
    IpNet::new(address.parse().ok()?, prefix.parse().ok().filter(|_| digits)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_and_a_prefix_that_it_can_have() {
        for (text, network) in [
            ("10.1.0.0/16", "10.1.0.0/16"),
            (" 127.0.0.1 ", "127.0.0.1/32"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("10.0.0.0/32", "10.0.0.0/32"),
            ("::/128", "::/128"),
        ] {
            assert_eq!(parse(text).map(|it| it.to_string()).as_deref(), Some(network));
        }
        let wrong =
            ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "010.0.0.0/8", "x/8"];
        for text in wrong {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
