use std::net::IpAddr;

use super::{Mechanism, Qualifier, SpfRecord, Term};

/// How many addresses senders can have at all: 0.0.0.0 to 223.255.255.255, and 2000::/3.
const V4: std::ops::Range<u128> = 0..224 << 24;
const V6: std::ops::Range<u128> = 1 << 125..2 << 125;

impl SpfRecord {
    /// Returns the networks that together approve half of all IPv4 or IPv6 senders or more, which is
    /// as good as `+all`: whoever wants to forge mail finds a host there. None when they do not.
    pub(super) fn open_networks(&self) -> Option<Vec<String>> {
        // Nothing after `all` is read. What an earlier term takes out again is not weighed: nobody lists
        // half of the internet to refuse most of it.
        let read = self.terms.iter().take_while(|term| term.mechanism != Mechanism::All);
        let approved: Vec<&Term> = read.filter(|term| term.qualifier == Qualifier::Pass).collect();
        [(V4, 32), (V6, 128)].into_iter().find_map(|(senders, bits)| {
            let mut networks: Vec<_> = approved
                .iter()
                .filter_map(|term| {
                    let network = network(term, bits)?;
                    let (from, to) =
                        (network.start.max(senders.start), network.end.min(senders.end));
                    (from < to).then(|| (from, to, term.text.clone()))
                })
                .collect();
            networks.sort();
            let (mut covered, mut reached) = (0, 0);
            for (from, to, _) in &networks {
                covered += to.saturating_sub((*from).max(reached));
                reached = reached.max(*to);
            }
            let is_open = covered >= (senders.end - senders.start) / 2;
            is_open.then(|| networks.into_iter().map(|(.., text)| text).collect())
        })
    }
}

/// Returns the network of a term among addresses of so many bits, where the record itself tells it:
/// of a name it is known only when the prefix takes in all of them.
fn network(term: &Term, bits: u8) -> Option<std::ops::Range<u128>> {
    let whole = 1_u128.checked_shl(bits.into()).unwrap_or(u128::MAX);
    let length = match term.mechanism {
        Mechanism::Ip4(length) if bits == 32 => length,
        Mechanism::Ip6(length) if bits == 128 => length,
        Mechanism::A { v4: 0, .. } | Mechanism::Mx { v4: 0, .. } if bits == 32 => {
            return Some(0..whole);
        }
        Mechanism::A { v6: 0, .. } | Mechanism::Mx { v6: 0, .. } if bits == 128 => {
            return Some(0..whole);
        }
        _ => return None,
    };
    let (_, network) = term.text.split_once(':')?;
    let address = match network.split('/').next()?.parse().ok()? {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let Some(size) = 1_u128.checked_shl(u32::from(bits - length)) else { return Some(0..whole) };
    let from = address / size * size;
    Some(from..from.saturating_add(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(terms: &str) -> Option<Vec<String>> {
        SpfRecord::parse(&format!("v=spf1 {terms} -all")).open_networks()
    }

    #[test]
    fn half_of_the_internet_is_everybody() {
        for terms in [
            "ip4:0.0.0.0/0",
            "ip4:0.0.0.0/1 ip4:128.0.0.0/1",
            "ip4:128.0.0.0/1 mx ip4:64.0.0.0/2 ip4:0.0.0.0/2",
            "ip6:::/0",
            "ip6:2000::/3",
            "a/0",
            "mx//0",
        ] {
            assert!(open(terms).is_some(), "{terms}");
        }
        assert_eq!(
            open("ip4:128.0.0.0/1 mx ip4:0.0.0.0/1"),
            Some(vec!["ip4:0.0.0.0/1".to_owned(), "ip4:128.0.0.0/1".to_owned()])
        );
    }

    #[test]
    fn less_is_not() {
        for terms in [
            "ip4:10.0.0.0/8 ip4:192.0.2.0/24",
            "ip4:0.0.0.0/2 ip4:0.0.0.0/2",
            "ip4:224.0.0.0/3",
            "?ip4:0.0.0.0/0",
            "-all ip4:0.0.0.0/0",
            "ip6:2001:db8::/32",
            "a mx",
        ] {
            assert_eq!(open(terms), None, "{terms}");
        }
    }
}
