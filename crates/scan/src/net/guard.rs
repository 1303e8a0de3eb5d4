//! Which addresses are not on the public internet (RFC 6890 and the IANA special-purpose
//! registries), among them those of cloud metadata services.
//!
//! An address inside another one (IPv4-mapped, NAT64, 6to4, Teredo) is judged as both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns why an address is refused unless the operator allows private networks.
pub fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => refusal_v4(v4),
        IpAddr::V6(v6) => refusal_v6(v6),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "an address of this network (0.0.0.0/8)",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "a private address (RFC 1918)",
        [100, 64..=127, ..] => "a carrier-grade NAT address (RFC 6598)",
        [127, ..] => "a loopback address",
        // Public by its number, answered by the host that a virtual machine runs on.
        [168, 63, 129, 16] => "the address of Azure's internal services",
        [169, 254, ..] => "a link-local or metadata address (169.254.0.0/16)",
        [192, 0, 0, _] => "an IETF protocol address (192.0.0.0/24)",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            "a documentation address (RFC 5737)"
        }
        [192, 88, 99, _] => "a 6to4 relay address (RFC 7526)",
        [198, 18..=19, ..] => "a benchmarking address (RFC 2544)",
        [224..=239, ..] => "a multicast address",
        [240..=255, ..] => "a reserved address (240.0.0.0/4)",
        _ => return None,
    })
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    if let Some(inner) = embedded_v4(segments) {
        return refusal_v4(inner).or(match segments {
            // A public IPv4 address inside a NAT64 prefix is the same public host.
            [0x64, 0xff9b, 0, ..] => None,
            _ => Some("an IPv4 address written as IPv6"),
        });
    }
    Some(match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => "the unspecified address",
        [0, 0, 0, 0, 0, 0, 0, 1] => "a loopback address",
        [0x64, 0xff9b, 1, ..] => "a local NAT64 address (RFC 8215)",
        [0x100, 0, 0, 0, ..] => "a discard-only address (RFC 6666)",
        [0x2001, 0..=0x1ff, ..] => "an IETF protocol address (2001::/23)",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => "a documentation address",
        [0x5f00, ..] => "a segment routing address (RFC 9602)",
        [0xfc00..=0xfdff, ..] => {
            "a unique local address (RFC 4193), which metadata services use too"
        }
        [0xfe80..=0xfebf, ..] => "a link-local address",
        [0xfec0..=0xfeff, ..] => "a site-local address",
        [0xff00..=0xffff, ..] => "a multicast address",
        [0x2000..=0x3fff, ..] => return None,
        _ => "an address outside global unicast (2000::/3)",
    })
}

/// Returns the IPv4 address inside an IPv4-compatible, IPv4-mapped, NAT64 or 6to4 address.
fn embedded_v4(segments: [u16; 8]) -> Option<Ipv4Addr> {
    let (high, low) = match segments {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => return None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => (high, low),
        [0, 0, 0, 0, 0xffff, 0, high, low] => (high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        refusal(text.parse().unwrap()).is_some()
    }

    #[test]
    fn refuses_everything_that_is_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
            "4000::1",
        ] {
            assert!(refused(address), "{address}");
        }
    }

    /// The registries of IANA as of November 2026, each entry by its first and last address, and
    /// whether it is refused. Those that are not are "globally reachable" there.
    #[test]
    fn the_registries_of_special_purpose_addresses_are_followed() {
        const REGISTRIES: &[(&str, &str, bool)] = &[
            ("0.0.0.0", "0.255.255.255", true),
            ("10.0.0.0", "10.255.255.255", true),
            ("100.64.0.0", "100.127.255.255", true),
            ("127.0.0.0", "127.255.255.255", true),
            ("169.254.0.0", "169.254.255.255", true),
            ("172.16.0.0", "172.31.255.255", true),
            // Anycast addresses of PCP and TURN in it are global, and nobody's web site.
            ("192.0.0.0", "192.0.0.255", true),
            ("192.0.2.0", "192.0.2.255", true),
            ("192.31.196.0", "192.31.196.255", false),
            ("192.52.193.0", "192.52.193.255", false),
            ("192.88.99.0", "192.88.99.255", true),
            ("192.168.0.0", "192.168.255.255", true),
            ("192.175.48.0", "192.175.48.255", false),
            ("198.18.0.0", "198.19.255.255", true),
            ("198.51.100.0", "198.51.100.255", true),
            ("203.0.113.0", "203.0.113.255", true),
            ("224.0.0.0", "239.255.255.255", true),
            ("240.0.0.0", "255.255.255.255", true),
            ("::", "::1", true),
            ("::ffff:0:0", "::ffff:ffff:ffff", true),
            // NAT64 of a public address is that address.
            ("64:ff9b::808:808", "64:ff9b::808:808", false),
            ("64:ff9b::a00:0", "64:ff9b::aff:ffff", true),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", true),
            ("100::", "100::ffff:ffff:ffff:ffff", true),
            ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", true),
            // Teredo, benchmarking, ORCHID and DET among it.
            ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", false),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            // Deprecated, and not in the registry any more.
            ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
        ];
        for (first, last, wanted) in REGISTRIES {
            assert_eq!((refused(first), refused(last)), (*wanted, *wanted), "{first} to {last}");
        }
    }

    #[test]
    fn what_lies_beside_a_special_network_is_public() {
        for address in [
            "9.255.255.255",
            "11.0.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "203.0.114.0",
            "223.255.255.255",
            "168.63.129.15",
            "168.63.129.17",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "3ffe::",
            "3fff:1000::",
        ] {
            assert!(!refused(address), "{address}");
        }
    }

    #[test]
    fn the_services_of_a_cloud_are_refused_in_every_spelling() {
        for address in [
            "168.63.129.16",
            "::ffff:168.63.129.16",
            "64:ff9b::a83f:8110",
            "2002:a83f:8110::",
            "100.100.100.200",
            "192.0.0.192",
            "169.254.169.254",
            "fd00:ec2::254",
            "fd20:ce::254",
        ] {
            assert!(refused(address), "{address}");
        }
    }

    #[test]
    fn lets_public_addresses_through() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(!refused(address), "{address}");
        }
    }
}
