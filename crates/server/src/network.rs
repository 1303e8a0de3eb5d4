use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address or a network in CIDR notation, IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is neither an address nor a network such as 10.0.0.0/8")]
pub struct NetworkProblem;

impl Network {
    /// Returns whether an address lies within. An IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (own, size) = bits(self.address);
        let (other, other_size) = bits(address.to_canonical());
        size == other_size && masked(own, size, self.prefix) == masked(other, size, self.prefix)
    }

    /// Returns whether every address of `inner` lies within.
    pub fn covers(&self, inner: &Self) -> bool {
        self.prefix <= inner.prefix && self.contains(inner.address)
    }
}

fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

fn masked(value: u128, size: u8, prefix: u8) -> u128 {
    // A shift by the whole width is no shift in Rust, so the empty prefix stands apart.
    value.checked_shr(u32::from(size - prefix)).unwrap_or(0)
}

impl FromStr for Network {
    type Err = NetworkProblem;

    fn from_str(text: &str) -> Result<Self, NetworkProblem> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkProblem)?;
        let (value, size) = bits(address);
        let prefix = match prefix {
            None => size,
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().map_err(|_| NetworkProblem)?
            }
            Some(_) => return Err(NetworkProblem),
        };
        if prefix > size {
            return Err(NetworkProblem);
        }
        // 10.0.0.1/8 most likely means something else than 10.0.0.0/8.
        let host = value & !(u128::MAX.checked_shl(u32::from(size - prefix)).unwrap_or(0));
        (host == 0).then_some(Self { address, prefix }).ok_or(NetworkProblem)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match bits(self.address).1 == self.prefix {
            true => write!(f, "{}", self.address),
            false => write!(f, "{}/{}", self.address, self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_its_addresses() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:1::", "2001:db9::"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
            ("192.0.2.0/24", "::ffff:192.0.2.5", "::ffff:192.0.3.5"),
        ] {
            assert!(network(text).contains(inside.parse().unwrap()), "{text} holds {inside}");
            assert!(!network(text).contains(outside.parse().unwrap()), "{text} holds {outside}");
            assert_eq!(network(text).to_string(), text);
        }
    }

    #[test]
    fn a_wider_network_covers_a_narrower_one() {
        assert!(network("10.0.0.0/8").covers(&network("10.1.0.0/16")));
        assert!(!network("10.1.0.0/16").covers(&network("10.0.0.0/8")));
        assert!(!network("10.1.0.0/16").covers(&network("10.2.0.1")));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "a/8"] {
            assert_eq!(text.parse::<Network>(), Err(NetworkProblem), "{text}");
        }
    }
}
