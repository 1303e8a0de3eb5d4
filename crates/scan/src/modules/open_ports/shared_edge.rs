//! Addresses of content delivery networks that answer for everybody alike. What is open there is
//! open at the network, and says nothing about the domain's own server behind it.
//!
//! The ranges are those the networks publish (cloudflare.com/ips, api.fastly.com/public-ip-list).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const V4: &[(&str, [u8; 4], u32)] = &[
    ("Cloudflare", [103, 21, 244, 0], 22),
    ("Cloudflare", [103, 22, 200, 0], 22),
    ("Cloudflare", [103, 31, 4, 0], 22),
    ("Cloudflare", [104, 16, 0, 0], 13),
    ("Cloudflare", [104, 24, 0, 0], 14),
    ("Cloudflare", [108, 162, 192, 0], 18),
    ("Cloudflare", [131, 0, 72, 0], 22),
    ("Cloudflare", [141, 101, 64, 0], 18),
    ("Cloudflare", [162, 158, 0, 0], 15),
    ("Cloudflare", [172, 64, 0, 0], 13),
    ("Cloudflare", [173, 245, 48, 0], 20),
    ("Cloudflare", [188, 114, 96, 0], 20),
    ("Cloudflare", [190, 93, 240, 0], 20),
    ("Cloudflare", [197, 234, 240, 0], 22),
    ("Cloudflare", [198, 41, 128, 0], 17),
    ("Fastly", [151, 101, 0, 0], 16),
    ("Fastly", [199, 232, 0, 0], 16),
];

const V6: &[(&str, [u16; 2], u32)] = &[
    ("Cloudflare", [0x2400, 0xcb00], 32),
    ("Cloudflare", [0x2405, 0x8100], 32),
    ("Cloudflare", [0x2405, 0xb500], 32),
    ("Cloudflare", [0x2606, 0x4700], 32),
    ("Cloudflare", [0x2803, 0xf800], 32),
    ("Cloudflare", [0x2a06, 0x98c0], 29),
    ("Cloudflare", [0x2c0f, 0xf248], 32),
    ("Fastly", [0x2a04, 0x4e42], 32),
];

/// Returns the network that an address belongs to.
pub(crate) fn owner(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => {
            let within = |base: [u8; 4], length: u32| {
                (u32::from(address) ^ u32::from(Ipv4Addr::from(base))) >> (32 - length) == 0
            };
            V4.iter().find(|(_, base, length)| within(*base, *length)).map(|(name, ..)| *name)
        }
        IpAddr::V6(address) => {
            let within = |[first, second]: [u16; 2], length: u32| {
                let base = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
                (u128::from(address) ^ u128::from(base)) >> (128 - length) == 0
            };
            V6.iter().find(|(_, base, length)| within(*base, *length)).map(|(name, ..)| *name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(address: &str) -> Option<&'static str> {
        owner(address.parse().unwrap())
    }

    #[test]
    fn a_range_ends_where_it_ends() {
        assert_eq!(owned("104.16.0.0"), Some("Cloudflare"));
        assert_eq!(owned("104.27.255.255"), Some("Cloudflare"));
        assert_eq!(owned("104.28.0.0"), None);
        assert_eq!(owned("151.101.1.6"), Some("Fastly"));
        assert_eq!(owned("2606:4700::1111"), Some("Cloudflare"));
        assert_eq!(owned("2a06:98c7::1"), Some("Cloudflare"));
        assert_eq!(owned("2a06:98c8::1"), None);
        assert_eq!(owned("2001:db8::1"), None);
    }
}
