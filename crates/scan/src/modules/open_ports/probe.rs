//! Knocks at every port of one IPv4 and one IPv6 address.
//!
//! First the doors of the web site and two ports that nobody uses: they tell how long an answer
//! takes and whether something answers for every port. Then the rest, eight at a time, waiting a
//! few times as long as the first answer took.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use super::services::{PORTS, Service, by_number};
use super::{AddressPorts, OpenPort, PortsEvidence, Unasked, greeting, shared_edge, ssh};
use crate::Target;
use crate::check::Missing;
use crate::kev;
use crate::net::takeover::{LATELY, Looked};
use crate::net::{Connection, Net, NetError};

/// Knocks at the same time per address.
const AT_ONCE: usize = 8;
/// How long the whole module may take.
const MODULE_TIMEOUT: Duration = Duration::from_secs(25);
/// Left of the scan's deadline, to keep what was seen.
const MARGIN: Duration = Duration::from_millis(300);
/// How long the first ports may take to answer.
const FIRST_PATIENCE: Duration = Duration::from_millis(2_500);
/// Bounds of how long the other ports may take.
const PATIENCE: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(300)..=Duration::from_secs(2);
/// How long a server may take to greet, beyond what a connection takes.
const GREETING_PATIENCE: Duration = Duration::from_millis(1_200);
/// The doors of the web site.
const DOORS: [u16; 2] = [80, 443];
/// Ports after which we look whether something answers for all of them.
const EARLY: usize = 24;
/// More open ports than this share, in percent, and something answers for all of them.
const MOST_OPEN: usize = 60;

pub(crate) async fn probe(net: &Net, target: &Target) -> PortsEvidence {
    let until = (Instant::now() + MODULE_TIMEOUT).min(net.deadline() - MARGIN);
    let first = |v4: bool| target.addresses.iter().copied().find(|it| it.is_ipv4() == v4);
    let chosen = first(true).into_iter().chain(first(false));
    let looking = chosen.map(|address| share(net, address, until));
    let (addresses, exploited) = tokio::join!(join_all(looking), kev::exploited(net));
    PortsEvidence { addresses, exploited }
}

/// Looks at an address, or takes over what another domain's scan saw there.
async fn share(net: &Net, address: IpAddr, until: Instant) -> AddressPorts {
    let looking = || async move {
        let seen = look(net, address, until).await;
        match Instant::now() < until && seen.unasked.is_none() && !net.is_spent() {
            true => Looked::Whole(seen, LATELY),
            false => Looked::Partly(seen),
        }
    };
    let late = || AddressPorts::unseen(address, Missing("the time for ports was over".to_owned()));
    // Who knocks itself keeps what it has heard by then.
    let sharing = net.seen_lately().ports.get(address, looking);
    timeout_at(until + MARGIN / 2, sharing).await.unwrap_or_else(|_| late())
}

async fn look(net: &Net, address: IpAddr, until: Instant) -> AddressPorts {
    if let Some(owner) = shared_edge::owner(address) {
        return AddressPorts::unseen(
            address,
            Missing(format!(
                "{address} belongs to {owner}, which answers for everybody; the server behind it \
                 was not seen"
            )),
        );
    }
    let canaries = canaries(address);
    let begin = [DOORS, canaries].concat();
    let begun = knock_at(net, address, &begin, FIRST_PATIENCE, until).await;
    if begun.iter().any(|knock| knock.is_open() && canaries.contains(&knock.port)) {
        return AddressPorts::unseen(
            address,
            Missing(format!(
                "{address} answers at every port, even at {} or {}, which nobody uses",
                canaries[0], canaries[1]
            )),
        );
    }
    let fastest = begun.iter().filter(|knock| knock.is_answer()).map(|knock| knock.took).min();
    let rest: Vec<u16> =
        PORTS.iter().map(|(port, ..)| *port).filter(|port| !DOORS.contains(port)).collect();
    let (early, late) = rest.split_at(EARLY);
    let patience = patience(fastest);
    let mut knocks: Vec<_> =
        begun.into_iter().filter(|knock| DOORS.contains(&knock.port)).collect();
    knocks.extend(knock_at(net, address, early, patience, until).await);
    if trap(&knocks).is_none() {
        knocks.extend(knock_at(net, address, late, patience, until).await);
    }
    conclude(address, knocks)
}

/// Returns how many ports of how many are open, when those are too many to be true.
fn trap(knocks: &[Knock]) -> Option<(usize, usize)> {
    let asked = knocks.iter().filter(|knock| knock.not_asked().is_none()).count();
    let opened = knocks.iter().filter(|knock| knock.is_open()).count();
    (opened * 100 > asked * MOST_OPEN).then_some((opened, asked))
}

/// Returns two ports that no service has, the same in every scan of an address.
fn canaries(address: IpAddr) -> [u16; 2] {
    let digest = Sha256::digest(address.to_string().as_bytes());
    // One of the even, one of the odd dynamic ports (RFC 6335, section 6).
    let pick =
        |index: usize| 0xc000 | (u16::from_be_bytes([digest[index], digest[index + 1]]) & 0x3ffe);
    [pick(0), pick(2) + 1]
}

/// Returns how long to wait for an answer where the fastest took so long.
fn patience(fastest: Option<Duration>) -> Duration {
    let enough = fastest.map_or(*PATIENCE.end(), |took| took * 3 + Duration::from_millis(200));
    enough.clamp(*PATIENCE.start(), *PATIENCE.end())
}

/// One port that was knocked at.
struct Knock {
    port: u16,
    /// How long the answer took.
    took: Duration,
    outcome: Result<OpenPort, NetError>,
}

impl Knock {
    fn is_open(&self) -> bool {
        self.outcome.is_ok()
    }

    fn is_answer(&self) -> bool {
        matches!(self.outcome, Ok(_) | Err(NetError::Refused | NetError::Closed))
    }

    /// Returns why the port was not asked, if it was not.
    fn not_asked(&self) -> Option<&NetError> {
        let error = self.outcome.as_ref().err()?;
        let ours = matches!(
            error,
            NetError::Budget(_)
                | NetError::NotAllowed(_)
                | NetError::Deadline
                | NetError::TurnedAway
        );
        ours.then_some(error)
    }
}

async fn knock_at(
    net: &Net,
    address: IpAddr,
    ports: &[u16],
    patience: Duration,
    until: Instant,
) -> Vec<Knock> {
    let knocking = ports.iter().copied().map(|port| async move {
        let began = Instant::now();
        let late = Err(NetError::Budget("time for ports"));
        let opened = timeout_at(until, net.knock(address, port, patience)).await.unwrap_or(late);
        let took = began.elapsed();
        let outcome = match opened {
            Ok(connection) => Ok(describe(port, connection, took, until).await),
            Err(error) => Err(error),
        };
        Knock { port, took, outcome }
    });
    futures_util::stream::iter(knocking).buffer_unordered(AT_ONCE).collect().await
}

/// Reads the greeting of an open port.
async fn describe(
    port: u16,
    mut connection: Connection,
    took: Duration,
    until: Instant,
) -> OpenPort {
    let by_number = by_number(port).map_or(Service::Web, |(service, _)| service);
    let mut open = OpenPort { port, service: by_number, product: None, ssh: None };
    if by_number.is_client_first() {
        return open;
    }
    let listening = async {
        let said = greeting::read(&mut connection, GREETING_PATIENCE + took * 2).await;
        open.service = greeting::service(&said).unwrap_or(by_number);
        open.product = greeting::product(&said);
        if open.service == Service::Ssh && !said.is_empty() {
            open.ssh = Some(ssh::read(&mut connection, said).await);
        }
    };
    // What was heard until then stands.
    let _late = timeout_at(until, listening).await;
    open
}

fn conclude(address: IpAddr, knocks: Vec<Knock>) -> AddressPorts {
    if !knocks.iter().any(Knock::is_answer) {
        let not_asked = knocks.iter().find_map(Knock::not_asked);
        let not_asked = not_asked.filter(|_| knocks.iter().all(|it| it.not_asked().is_some()));
        return AddressPorts::unseen(
            address,
            match not_asked {
                Some(error) => error.clone().into(),
                None => Missing(format!("no port of {address} answered, not even 80 and 443")),
            },
        );
    }
    if let Some((opened, asked)) = trap(&knocks) {
        return AddressPorts::unseen(
            address,
            Missing(format!(
                "{opened} of {asked} ports of {address} are open, as if something answered for \
                 all of them"
            )),
        );
    }
    let why = knocks.iter().find_map(Knock::not_asked).cloned().map(Missing::from);
    let unasked = why.map(|why| {
        let unasked = knocks.iter().filter(|knock| knock.not_asked().is_some());
        let mut ports: Vec<_> = unasked.map(|knock| knock.port).collect();
        ports.sort_unstable();
        Unasked { ports, why }
    });
    let mut open: Vec<_> = knocks.into_iter().filter_map(|knock| knock.outcome.ok()).collect();
    open.sort_by_key(|open| open.port);
    AddressPorts { address, reached: Ok(()), open, unasked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canaries_are_dynamic_ports_and_differ() {
        for address in ["192.0.2.1", "198.51.100.7", "2001:db8::1", "127.0.0.1"] {
            let address = address.parse().unwrap();
            let [one, other] = canaries(address);
            assert!(one >= 49_152 && other >= 49_152 && one != other, "{address}: {one} {other}");
            assert_eq!(canaries(address), [one, other]);
        }
    }

    #[test]
    fn patience_grows_with_the_distance() {
        let after = |took: u64| patience(Some(Duration::from_millis(took))).as_millis();
        assert_eq!((after(0), after(50), after(200), after(2_000)), (300, 350, 800, 2_000));
        assert_eq!(patience(None).as_millis(), 2_000);
    }

    fn knock(port: u16, outcome: Result<(), NetError>) -> Knock {
        let open = OpenPort { port, service: Service::Web, product: None, ssh: None };
        Knock { port, took: Duration::ZERO, outcome: outcome.map(|()| open) }
    }

    #[test]
    fn a_host_that_never_answers_is_not_seen() {
        let address = IpAddr::from([192, 0, 2, 1]);
        let silent = |port| knock(port, Err(NetError::TimedOut));
        let seen = conclude(address, vec![silent(80), silent(443), silent(22)]);
        assert_eq!(
            seen.reached.unwrap_err().to_string(),
            "no port of 192.0.2.1 answered, not even 80 and 443"
        );
        let seen = conclude(address, vec![silent(80), knock(443, Err(NetError::Refused))]);
        assert!(seen.reached.is_ok() && seen.open.is_empty());
    }

    #[test]
    fn a_port_nobody_asked_stays_open_to_doubt() {
        let address = IpAddr::from([192, 0, 2, 1]);
        let late = NetError::Budget("time for ports");
        let closed = |port| knock(port, Err(NetError::Refused));
        let knocks = vec![knock(80, Ok(())), closed(22), closed(23), knock(3306, Err(late))];
        let seen = conclude(address, knocks);
        assert_eq!(seen.unasked.unwrap().ports, [3306]);
        assert_eq!(seen.open.len(), 1);
    }
}
