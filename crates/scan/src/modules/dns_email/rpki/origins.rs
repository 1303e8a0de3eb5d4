//! Who announces which network: a file of routes, or a DNS zone that answers for them.
//!
//! A file is CAIDA's (`192.0.2.0`, `24` and the system, by tabs) or that of RIPE's route collectors
//! (system, `192.0.2.0/24` and how many peers see it); a zone answers as Team Cymru's does, the
//! address backwards before it: `64500 | 192.0.2.0/24 | NL | ripencc | 2020-01-01`.

use std::io::BufRead;
use std::net::IpAddr;

use model::Timestamp;

use super::networks::{Networks, longest, network, parse};
use crate::net::Table;
use crate::provider_file::ProviderFile;

/// Rows that are kept.
const MOST_ROWS: usize = 4_000_000;
/// Octets of a line.
const LONGEST_LINE: usize = 4_096;
/// Systems that one network is said to come from.
const MOST_SYSTEMS: usize = 8;
/// A route that fewer peers of the collectors see is an accident somewhere, not the world's route.
const FEWEST_PEERS: u32 = 10;

/// Where origins of routes are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RouteOrigins {
    /// A table of all routes.
    File(ProviderFile),
    /// A DNS zone for IPv4 addresses.
    Ipv4Zone(String),
    /// A DNS zone for IPv6 addresses.
    Ipv6Zone(String),
}

impl RouteOrigins {
    /// Reads a path, a URL, `ipv4:origin.example` or `ipv6:origin6.example`.
    pub fn parse(text: &str) -> Option<Self> {
        let zone = |zone: &str| {
            let zone = zone.trim_matches('.').to_ascii_lowercase();
            let is_name = zone.len() < 180
                && zone.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
                });
            is_name.then_some(zone)
        };
        match text.split_once(':') {
            Some(("ipv4", rest)) => zone(rest).map(Self::Ipv4Zone),
            Some(("ipv6", rest)) => zone(rest).map(Self::Ipv6Zone),
            _ => ProviderFile::parse(text).map(Self::File),
        }
    }

    /// Returns the zone for addresses like this one, when it is one.
    pub(super) fn zone(&self, address: IpAddr) -> Option<&str> {
        match (self, address) {
            (Self::Ipv4Zone(zone), IpAddr::V4(_)) | (Self::Ipv6Zone(zone), IpAddr::V6(_)) => {
                Some(zone)
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for RouteOrigins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(file) => file.fmt(f),
            Self::Ipv4Zone(zone) => write!(f, "ipv4:{zone}"),
            Self::Ipv6Zone(zone) => write!(f, "ipv6:{zone}"),
        }
    }
}

/// A network and the systems that announce it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) network: IpAddr,
    pub(crate) length: u8,
    pub(crate) systems: Vec<u32>,
}

/// A table of all routes.
#[derive(Debug)]
pub(crate) struct Routes(Networks<u32>);

impl Table for Routes {
    const SETTING: &'static str = "providers.route_origins";
    const ACCEPT: &'static str = "text/plain";
    const MOST_BYTES: u64 = 128 * 1024 * 1024;
    const MOST_DAYS: i64 = 7;

    fn read(mut text: impl BufRead) -> Option<Self> {
        let mut rows = Vec::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            // Bounded by the table's bytes; a line that is too long is left out.
            if text.read_until(b'\n', &mut line).ok()? == 0 {
                break;
            }
            if line.len() <= LONGEST_LINE {
                read_line(&String::from_utf8_lossy(&line), &mut rows);
            }
            if rows.len() > MOST_ROWS {
                return None;
            }
        }
        let rows = Networks::collect(rows.into_iter());
        (rows.len() > 0).then_some(Self(rows))
    }

    fn made_at(&self) -> Option<Timestamp> {
        None
    }
}

impl Routes {
    /// Returns the narrowest route to an address. A default route is nobody's.
    pub(crate) fn of(&self, address: IpAddr) -> Option<Announced> {
        let holding = self.0.holding(address, longest(address));
        let length = holding.last().map(|(length, _)| *length).filter(|length| *length > 0)?;
        let narrowest = holding.iter().filter(|(its, _)| *its == length);
        let systems = narrowest.map(|(_, system)| *system).take(MOST_SYSTEMS).collect();
        Some(Announced { network: network(address, length), length, systems })
    }
}

fn read_line(line: &str, rows: &mut Vec<(IpAddr, u8, u32)>) {
    let words: Vec<&str> = line.split_whitespace().take(4).collect();
    let (network, systems) = match words.as_slice() {
        [systems, network, peers] if network.contains('/') => {
            if peers.parse::<u32>().is_ok_and(|peers| peers < FEWEST_PEERS) {
                return;
            }
            (parse(network), systems)
        }
        [network, length, systems] => (parse(&format!("{network}/{length}")), systems),
        _ => return,
    };
    let Some((network, length)) = network else { return };
    // Several systems announce it (`_`), or a set of them was merged (`,` and braces).
    let systems = systems.split(['_', ',', '{', '}']).filter_map(|system| system.parse().ok());
    rows.extend(systems.take(MOST_SYSTEMS).map(|system: u32| (network, length, system)));
}

/// Reads what a zone answers for an address; the narrowest network wins.
pub(crate) fn answer(texts: &[String], address: IpAddr) -> Option<Announced> {
    let read = |text: &String| {
        let mut parts = text.split('|').map(str::trim);
        let systems: Vec<u32> = parts
            .next()?
            .split_whitespace()
            .filter_map(|system| system.parse().ok())
            .take(MOST_SYSTEMS)
            .collect();
        let (announced, length) = parse(parts.next()?)?;
        let holds = announced.is_ipv4() == address.is_ipv4()
            && network(address, length) == network(announced, length);
        (holds && length > 0 && !systems.is_empty()).then_some(Announced {
            network: network(address, length),
            length,
            systems,
        })
    };
    texts.iter().take(16).filter_map(read).max_by_key(|route| route.length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, address: &str) -> Option<(String, Vec<u32>)> {
        let route = <Routes as Table>::read(text.as_bytes())?.of(address.parse().unwrap())?;
        Some((format!("{}/{}", route.network, route.length), route.systems))
    }

    #[test]
    fn both_forms_of_tables_are_read_and_the_narrowest_route_wins() {
        let caida = "192.0.0.0\t16\t64500\n192.0.2.0\t24\t64501_64502\n2001:db8::\t32\t64503\n";
        assert_eq!(of(caida, "192.0.2.1").unwrap(), ("192.0.2.0/24".into(), vec![64_501, 64_502]));
        assert_eq!(of(caida, "192.0.3.1").unwrap(), ("192.0.0.0/16".into(), vec![64_500]));
        assert_eq!(of(caida, "2001:db8::1").unwrap(), ("2001:db8::/32".into(), vec![64_503]));
        assert_eq!(of(caida, "198.51.100.1"), None);
        let ripe = "% comment\n64500\t192.0.2.0/24\t300\n64666\t192.0.2.128/25\t2\n\
                    {64501,64502}\t198.51.100.0/24\t300\n64500\t0.0.0.0/0\t300\n";
        assert_eq!(of(ripe, "192.0.2.200").unwrap(), ("192.0.2.0/24".into(), vec![64_500]));
        assert_eq!(of(ripe, "198.51.100.1").unwrap().1, [64_501, 64_502]);
        assert_eq!(of(ripe, "203.0.113.1"), None);
    }

    #[test]
    fn a_zone_answers_with_the_narrowest_network_that_holds_the_address() {
        let answered = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
            answer(&texts, "192.0.2.1".parse().unwrap()).map(|it| (it.length, it.systems))
        };
        let wide = "64500 | 192.0.0.0/16 | NL | ripencc | 2020-01-01";
        let narrow = "64501 64502 | 192.0.2.0/24 | NL | ripencc | 2020-01-01";
        assert_eq!(answered(&[wide, narrow]), Some((24, vec![64_501, 64_502])));
        let lies = ["", "x", "64500 | 198.51.100.0/24 |", "| 192.0.2.0/24", "1 | 2001:db8::/32"];
        for lie in lies {
            assert_eq!(answered(&[lie]), None, "{lie}");
        }
    }

    #[test]
    fn a_source_is_a_file_or_a_zone() {
        for text in ["/var/lib/routes.txt", "ipv4:origin.example", "ipv6:origin6.example"] {
            assert_eq!(RouteOrigins::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "ipv4:", "ipv4:a b", "ftp://routes.example"] {
            assert_eq!(RouteOrigins::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_table_is_read(text in "([0-9./:{}_,a-f]{0,20}[ \t]){0,4}\n{0,3}") {
            if let Some(table) = <Routes as Table>::read(text.as_bytes()) {
                table.of("192.0.2.1".parse().unwrap());
            }
            answer(&[text.replace('\n', "|")], "192.0.2.1".parse().unwrap());
        }
    }
}
