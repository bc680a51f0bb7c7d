//! Where deliveries may go: not to this machine, nor into the networks behind it, unless the operator says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

const fn v4(address: [u8; 4], prefix: u8) -> IpNet {
    let [a, b, c, d] = address;
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix)
}

const fn v6(first: u16, second: u16, prefix: u8) -> IpNet {
    IpNet::new_assert(IpAddr::V6(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0)), prefix)
}

/// What is refused, and what to call it: the special-purpose registries of IANA (RFC 6890 and its
/// successors), as far as they are not of the open internet.
const REFUSED: &[(IpNet, &str)] = &[
    (v4([0, 0, 0, 0], 8), "this host"),
    (v4([10, 0, 0, 0], 8), "private"),
    (v4([100, 64, 0, 0], 10), "behind a carrier's NAT"),
    (v4([127, 0, 0, 0], 8), "loopback"),
    // Among them 169.254.169.254, where clouds keep credentials.
    (v4([169, 254, 0, 0], 16), "link-local"),
    (v4([172, 16, 0, 0], 12), "private"),
    (v4([192, 0, 0, 0], 24), "reserved for protocols"),
    (v4([192, 0, 2, 0], 24), "reserved for examples"),
    (v4([192, 88, 99, 0], 24), "a relay"),
    (v4([192, 168, 0, 0], 16), "private"),
    (v4([198, 18, 0, 0], 15), "reserved for measurements"),
    (v4([198, 51, 100, 0], 24), "reserved for examples"),
    (v4([203, 0, 113, 0], 24), "reserved for examples"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([240, 0, 0, 0], 4), "reserved"),
    (v6(0x64, 0xff9b, 32), "IPv4 behind a translator"),
    // Unspecified, loopback, and IPv4 in old disguises.
    (v6(0, 0, 8), "loopback or reserved"),
    (v6(0x100, 0, 64), "discarded"),
    (v6(0x2001, 0, 23), "reserved for protocols"),
    (v6(0x2001, 0xdb8, 32), "reserved for examples"),
    (v6(0x2002, 0, 16), "IPv4 in a tunnel"),
    (v6(0x3fff, 0, 20), "reserved for examples"),
    (v6(0x5f00, 0, 16), "reserved for routing"),
    // fd00:ec2::254 of one cloud's metadata among them.
    (v6(0xfc00, 0, 7), "private"),
    (v6(0xfe80, 0, 10), "link-local"),
    (v6(0xfec0, 0, 10), "private"),
    (v6(0xff00, 0, 8), "multicast"),
];

/// Why nothing is delivered to an address; `None` when it may be.
pub fn refusal(address: IpAddr, allowed: &[IpNet]) -> Option<&'static str> {
    // `::ffff:10.0.0.1` is 10.0.0.1 to whoever connects to it.
    let address = address.to_canonical();
    if allowed.iter().any(|network| network.contains(&address)) {
        return None;
    }
    REFUSED.iter().find(|(network, _)| network.contains(&address)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn what_is_not_of_the_open_internet_is_refused() {
        let table = [
            ("0.0.0.0", "this host"),
            ("0.1.2.3", "this host"),
            ("10.0.0.0", "private"),
            ("10.255.255.255", "private"),
            ("100.64.0.1", "behind a carrier's NAT"),
            ("100.127.255.255", "behind a carrier's NAT"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("169.254.169.254", "link-local"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.8", "reserved for protocols"),
            ("192.168.1.1", "private"),
            ("198.18.0.1", "reserved for measurements"),
            ("198.19.255.255", "reserved for measurements"),
            ("224.0.0.1", "multicast"),
            ("239.255.255.255", "multicast"),
            ("255.255.255.255", "reserved"),
            ("::", "loopback or reserved"),
            ("::1", "loopback or reserved"),
            ("::10.0.0.1", "loopback or reserved"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:10.1.2.3", "private"),
            ("::ffff:169.254.169.254", "link-local"),
            ("64:ff9b::a00:1", "IPv4 behind a translator"),
            ("64:ff9b:1::1", "IPv4 behind a translator"),
            ("2001::1", "reserved for protocols"),
            ("2001:db8::1", "reserved for examples"),
            ("2002:a00:1::", "IPv4 in a tunnel"),
            ("fc00::1", "private"),
            ("fd00:ec2::254", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
        ];
        for (address, why) in table {
            assert_eq!(refusal(ip(address), &[]), Some(why), "{address}");
        }
    }

    #[test]
    fn what_lies_right_beside_it_is_not() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "8.8.8.8",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00::1",
            "fb00::1",
        ] {
            assert_eq!(refusal(ip(address), &[]), None, "{address}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_allowed_and_nothing_beside_it() {
        let allowed = [v4([10, 1, 0, 0], 16), "fd00:1::/32".parse().expect("a network")];
        for (address, fits) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.0", false),
            ("fd00:1::9", true),
            ("fd00:2::9", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(refusal(ip(address), &allowed).is_none(), fits, "{address}");
        }
        let all = [v4([0, 0, 0, 0], 0), v6(0, 0, 0)];
        assert!(refusal(ip("10.0.0.1"), &all).is_none() && refusal(ip("::1"), &all).is_none());
    }
}
