//! Whom no scan contacts, whatever leads there: the domain itself, a redirect, a mail server.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::Host;

/// Octets of a name (RFC 1035, section 2.3.4).
const LONGEST_NAME: usize = 253;

/// One entry of `scan.exclusions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// A name in lower case and A-labels, and all names below it; a top-level domain too.
    Domain(String),
    /// The names below a name alone, written `*.example.com`.
    Below(String),
    /// A network: its first address, and how many leading bits are its own.
    Network(IpAddr, u8),
}

/// A text that is no [`Exclusion`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoExclusion;

impl FromStr for Exclusion {
    type Err = NoExclusion;

    fn from_str(text: &str) -> Result<Self, NoExclusion> {
        let text = text.trim();
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| NoExclusion)?;
            let bits = bits.parse().map_err(|_| NoExclusion)?;
            return Self::network(address, bits).ok_or(NoExclusion);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Self::network(address, width(address)).ok_or(NoExclusion);
        }
        match text.strip_prefix("*.") {
            Some(name) => name_of(name).map(Self::Below),
            None => name_of(text).map(Self::Domain),
        }
    }
}

impl Exclusion {
    /// Returns a network; none when the address has fewer bits, or has some beyond the network.
    fn network(address: IpAddr, bits: u8) -> Option<Self> {
        let is_whole = bits <= width(address) && low_bits(address, bits) == 0;
        is_whole.then_some(Self::Network(address, bits))
    }

    /// Returns whether it holds for a host name in lower case without a trailing dot.
    pub fn covers_name(&self, host: &str) -> bool {
        let is_below = |name: &str| {
            host.strip_suffix(name).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        };
        match self {
            Self::Domain(name) => host == name || is_below(name),
            Self::Below(name) => is_below(name),
            Self::Network(..) => false,
        }
    }

    /// Returns whether it holds for an address; one that is mapped into IPv6 counts as the IPv4
    /// address it is.
    pub fn covers_address(&self, address: IpAddr) -> bool {
        let Self::Network(network, bits) = self else { return false };
        let [network, address] = [network.to_canonical(), address.to_canonical()];
        let differs = match (network, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()),
            (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
            _ => return false,
        };
        differs.checked_shr(u32::from(width(network).saturating_sub(*bits))).unwrap_or(0) == 0
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Network(address, bits) if *bits == width(*address) => write!(f, "{address}"),
            Self::Network(address, bits) => write!(f, "{address}/{bits}"),
        }
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Returns what of an address is not the network's.
fn low_bits(address: IpAddr, bits: u8) -> u128 {
    let (all, width) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let network = u128::MAX.checked_shl(width - u32::from(bits).min(width)).unwrap_or(0);
    all & !network
}

/// Reads a host name as people write it: in any case, with U-labels, with a trailing dot.
fn name_of(text: &str) -> Result<String, NoExclusion> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let Ok(Host::Domain(name)) = Host::parse(text) else { return Err(NoExclusion) };
    let is_label = |label: &str| {
        let inner = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = name.len() <= LONGEST_NAME && name.split('.').all(is_label);
    is_name.then_some(name).ok_or(NoExclusion)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<Exclusion>().ok().map(|entry| entry.to_string())
    }

    #[test]
    fn entries_are_read_as_people_write_them() {
        for (text, told) in [
            ("Example.COM.", "example.com"),
            (" example.com ", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("*.Example.com", "*.example.com"),
            ("mil", "mil"),
            ("_dmarc.example.com", "_dmarc.example.com"),
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("2001:DB8::/32", "2001:db8::/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(read(text).as_deref(), Some(told), "{text}");
        }
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for text in [
            "",
            ".",
            "*",
            "*.",
            "*.*.example",
            "a..example",
            "-a.example",
            "a b.example",
            "https://a.example",
            "a.example/24",
            "192.0.2.0/33",
            "192.0.2.7/24",
            "192.0.2",
            "2001:db8::1/32",
            "10.0.0.0/",
            "exa*mple.com",
            "a.example:80",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_domain_covers_what_is_below_it_and_a_star_only_that() {
        let covers =
            |entry: &str, host: &str| entry.parse::<Exclusion>().unwrap().covers_name(host);
        assert!(covers("example.com", "example.com") && covers("example.com", "a.b.example.com"));
        assert!(!covers("example.com", "notexample.com") && !covers("example.com", "com"));
        assert!(
            covers("*.example.com", "a.example.com") && !covers("*.example.com", "example.com")
        );
        assert!(covers("mil", "army.mil") && !covers("192.0.2.0/24", "example.com"));
    }

    #[test]
    fn a_network_covers_its_addresses_however_they_are_written() {
        let covers = |entry: &str, address: &str| {
            entry.parse::<Exclusion>().unwrap().covers_address(address.parse().unwrap())
        };
        assert!(covers("192.0.2.0/24", "192.0.2.255") && !covers("192.0.2.0/24", "192.0.3.0"));
        assert!(covers("192.0.2.0/24", "::ffff:192.0.2.9"));
        assert!(covers("192.0.2.7", "192.0.2.7") && !covers("192.0.2.7", "192.0.2.8"));
        assert!(
            covers("2001:db8::/32", "2001:db8:ffff::1") && !covers("2001:db8::/32", "2001:db9::")
        );
        assert!(covers("0.0.0.0/0", "8.8.8.8") && !covers("0.0.0.0/0", "2001:db8::1"));
        assert!(covers("::/0", "2001:db8::1") && !covers("example.com", "192.0.2.1"));
    }
}
