//! Something known of networks, sorted, so that a million of them are few megabytes and an address
//! finds those that hold it in a handful of steps.

use std::net::IpAddr;

/// Values by network, IPv4 and IPv6 apart.
#[derive(Debug)]
pub(super) struct Networks<V> {
    v4: Vec<(u32, u8, V)>,
    v6: Vec<(u128, u8, V)>,
}

impl<V: Copy + Ord> Networks<V> {
    /// Sorts what was collected; a network may stand there more than once. Networks longer than
    /// their addresses are left out.
    pub(super) fn collect(rows: impl Iterator<Item = (IpAddr, u8, V)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (network, length, value) in rows {
            match network {
                IpAddr::V4(bits) if length <= 32 => {
                    v4.push((masked4(bits.into(), length), length, value));
                }
                IpAddr::V6(bits) if length <= 128 => {
                    v6.push((masked6(bits.into(), length), length, value));
                }
                _ => {}
            }
        }
        v4.sort_unstable();
        v4.dedup();
        v4.shrink_to_fit();
        v6.sort_unstable();
        v6.dedup();
        v6.shrink_to_fit();
        Self { v4, v6 }
    }

    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Returns what is known of the networks that hold a network, the widest first, with their
    /// lengths.
    pub(super) fn holding(&self, network: IpAddr, length: u8) -> Vec<(u8, V)> {
        let mut found = Vec::new();
        match network {
            IpAddr::V4(bits) => {
                for length in 0..=length.min(32) {
                    let wanted = (masked4(bits.into(), length), length);
                    let from = self.v4.partition_point(|row| (row.0, row.1) < wanted);
                    let same = self.v4[from..].iter().take_while(|row| (row.0, row.1) == wanted);
                    found.extend(same.map(|row| (row.1, row.2)));
                }
            }
            IpAddr::V6(bits) => {
                for length in 0..=length.min(128) {
                    let wanted = (masked6(bits.into(), length), length);
                    let from = self.v6.partition_point(|row| (row.0, row.1) < wanted);
                    let same = self.v6[from..].iter().take_while(|row| (row.0, row.1) == wanted);
                    found.extend(same.map(|row| (row.1, row.2)));
                }
            }
        }
        found
    }
}

fn masked4(bits: u32, length: u8) -> u32 {
    bits & u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)
}

fn masked6(bits: u128, length: u8) -> u128 {
    bits & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

/// Returns the beginning of a network that an address is in.
pub(super) fn network(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(bits) => IpAddr::V4(masked4(bits.into(), length.min(32)).into()),
        IpAddr::V6(bits) => IpAddr::V6(masked6(bits.into(), length.min(128)).into()),
    }
}

/// Reads `192.0.2.0/24`.
pub(super) fn parse(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let (address, length): (IpAddr, u8) = (address.parse().ok()?, length.parse().ok()?);
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

/// Returns the longest length a network of this family can have.
pub(super) fn longest(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_finds_the_networks_that_hold_it_the_widest_first() {
        let rows = ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.128/25", "192.0.3.0/24", "2001:db8::/32"];
        let rows = rows.iter().enumerate().map(|(index, text)| {
            let (network, length) = parse(text).unwrap();
            (network, length, index)
        });
        let table = Networks::collect(rows);
        let of = |text: &str, length| table.holding(text.parse().unwrap(), length);
        assert_eq!(of("192.0.2.200", 32), [(0, 0), (24, 1), (25, 2)]);
        assert_eq!(of("192.0.2.200", 24), [(0, 0), (24, 1)]);
        assert_eq!(of("2001:db8::1", 128), [(32, 4)]);
        assert_eq!(of("2001:db9::1", 128), []);
        assert_eq!(table.len(), 5);
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in ["192.0.2.0", "192.0.2.0/33", "2001:db8::/129", "x/1", "/", "192.0.2.0/-1"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(network("192.0.2.200".parse().unwrap(), 24).to_string(), "192.0.2.0");
    }
}
