//! Networks as the configuration writes them.

use std::net::IpAddr;

/// Address and length of the prefix of `10.1.0.0/16`; an address alone is a network of its own.
pub fn parse(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = match text.trim().split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text.trim(), None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok().filter(|_| digits(prefix)))?;
    (prefix <= most).then_some((address, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_and_a_prefix_that_it_can_have() {
        let parsed = |text| parse(text).map(|(address, prefix)| (address.to_string(), prefix));
        assert_eq!(parsed("10.1.0.0/16"), Some(("10.1.0.0".to_owned(), 16)));
        assert_eq!(parsed(" 127.0.0.1 "), Some(("127.0.0.1".to_owned(), 32)));
        assert_eq!(parsed("::1"), Some(("::1".to_owned(), 128)));
        assert_eq!(parsed("fd00::/8"), Some(("fd00::".to_owned(), 8)));
        assert!(
            parsed("0.0.0.0/0").is_some() && parsed("10.0.0.0/32").is_some() && parsed("::/128").is_some()
        );
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "localhost", "x/8"]
        {
            assert!(parsed(text).is_none(), "{text}");
        }
    }
}
