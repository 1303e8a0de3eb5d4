//! Probes that try known attacks, in scans of domains whose ownership was proven
//! ([`Net::may_intrude`]): one file a flaw. They ask one address, after everything else, with what
//! listing has told about its suites.
//!
//! Invariants: each attack goes as far as telling whether it would work and no further; of what a
//! server gives away nothing is kept, only that it did; nothing is a finding that was not seen at
//! least twice; at most [`MOST_CONNECTIONS`] connections and [`TIMEOUT`] for all probes together.
//!
//! To add a probe: a file with an `ask` that says what it saw, a field of [`Intrusion`], a check in
//! `tlsflaw` with `intrusive: true`.

mod early_ccs;
mod heartbleed;
mod padding;
mod renegotiation;
mod robot;
#[cfg(test)]
mod tests;
mod ticketbleed;

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use super::TlsEvidence;
use super::session::Place;
use super::session::suite::{encrypts_with_rsa, is_known, is_padded};
use super::wire::hello::{SSL3, TLS10, TLS11, TLS12};
use super::wire::suites::{Trait, has};
use crate::check::{Missing, Seen};
use crate::net::Net;

pub use super::session::channel::{End, Reaction};
pub use super::session::record::Malformed;
pub use super::session::rsa::Block;
pub use padding::Padding;
pub use renegotiation::Renegotiation;
pub use robot::Robot;

/// Connections that all probes together may open.
const MOST_CONNECTIONS: u32 = 40;
/// How long all probes together may take, and what is left of the scan's time after them.
const TIMEOUT: Duration = Duration::from_secs(30);
const RESERVE: Duration = Duration::from_secs(2);
/// How long a reaction may take before it counts as silence.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often what looks like a flaw has to be seen, the first time included.
const ROUNDS: usize = 3;
/// Suites in one hello: some servers drop longer ones.
const MOST_SUITES: usize = 100;

/// What came of trying attacks; in each, none means that there was nothing to try it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intrusion {
    /// Whether a heartbeat is answered with more octets than were sent.
    pub heartbleed: Seen<Option<bool>>,
    /// Whether a ChangeCipherSpec is taken before there are keys.
    pub early_ccs: Seen<Option<bool>>,
    /// How blocks encrypted with the server's RSA key are answered; none without RSA key exchange.
    pub robot: Seen<Option<Robot>>,
    /// Whether a ServerHello returns more of a session id than was sent; none without tickets.
    pub ticketbleed: Seen<Option<bool>>,
    pub renegotiation: Seen<Option<Renegotiation>>,
    /// How malformed records are answered; none without suites that pad.
    pub padding: Seen<Option<Padding>>,
}

impl Default for Intrusion {
    fn default() -> Self {
        Self {
            heartbleed: Err(Missing::not_probed()),
            early_ccs: Err(Missing::not_probed()),
            robot: Err(Missing::not_probed()),
            ticketbleed: Err(Missing::not_probed()),
            renegotiation: Err(Missing::not_probed()),
            padding: Err(Missing::not_probed()),
        }
    }
}

/// A version below TLS 1.3 and suites of it that the server takes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Offered {
    version: u16,
    suites: Vec<u16>,
}

impl Offered {
    /// Returns the newest version below TLS 1.3 that is offered with suites of the wanted kind; none
    /// when no version is.
    fn newest(seen: &TlsEvidence, wanted: fn(u16) -> bool) -> Seen<Option<Self>> {
        let mut unseen = None;
        for version in [TLS12, TLS11, TLS10] {
            match seen.suites(version) {
                Ok(suites) => {
                    let suites = suites.iter().copied().filter(|suite| wanted(*suite));
                    let suites: Vec<u16> = suites.take(MOST_SUITES).collect();
                    if !suites.is_empty() {
                        return Ok(Some(Self { version, suites }));
                    }
                }
                Err(missing) => unseen = Some(missing),
            }
            let mut listed = seen.versions.iter().filter(|seen| seen.version == version);
            let open = listed.find_map(|seen| seen.unsettled.as_ref());
            if let Some(open) = open.filter(|open| open.suites.iter().any(|suite| wanted(*suite))) {
                unseen = Some(open.why.clone());
            }
        }
        let only_ssl3 = seen.suites(SSL3).is_ok_and(|all| all.iter().any(|suite| wanted(*suite)));
        match unseen {
            Some(missing) => Err(missing),
            None if only_ssl3 => {
                Err(Missing("SSL 3.0 is not attacked, only newer versions".into()))
            }
            None => Ok(None),
        }
    }

    /// Keeps the suites that our own handshake can be finished with.
    fn limited_to(mut self, wanted: fn(u16) -> bool) -> Seen<Self> {
        self.suites.retain(|suite| wanted(*suite));
        match self.suites.is_empty() {
            true => Err(Missing("our prober shares none of the server's suites".to_owned())),
            false => Ok(self),
        }
    }
}

/// Tries everything at one address.
pub(super) async fn ask(net: &Net, address: IpAddr, name: &str, seen: &TlsEvidence) -> Intrusion {
    let place = &Place::new(net, address, name, MOST_CONNECTIONS);
    let until = (Instant::now() + TIMEOUT).min(net.deadline() - RESERVE);
    let any = || Offered::newest(seen, |_| true);
    let finishing = || limited(any(), is_known);
    let rsa = Offered::newest(seen, encrypts_with_rsa);
    let padded = limited(Offered::newest(seen, |suite| has(suite, Trait::Cbc)), is_padded);
    // One after another, for servers that serve so, and so that none disturbs the next.
    Intrusion {
        heartbleed: with(until, any(), |offered| heartbleed::ask(place, offered)).await,
        early_ccs: with(until, any(), |offered| early_ccs::ask(place, offered)).await,
        ticketbleed: with(until, finishing(), |offered| ticketbleed::ask(place, offered))
            .await
            .map(Option::flatten),
        renegotiation: with(until, finishing(), |offered| renegotiation::ask(place, offered)).await,
        padding: with(until, padded, |offered| padding::ask(place, offered)).await,
        robot: with(until, rsa, |offered| robot::ask(place, offered)).await,
    }
}

fn limited(offered: Seen<Option<Offered>>, wanted: fn(u16) -> bool) -> Seen<Option<Offered>> {
    offered?.map(|offered| offered.limited_to(wanted)).transpose()
}

/// Runs a probe on what it needs, until it is time to stop.
async fn with<T, F: Future<Output = Seen<T>>>(
    until: Instant,
    offered: Seen<Option<Offered>>,
    probe: impl FnOnce(Offered) -> F,
) -> Seen<Option<T>> {
    let Some(offered) = offered? else { return Ok(None) };
    let late = || Missing("the time for intrusive probes was over".to_owned());
    let seen = timeout_at(until, probe(offered)).await.unwrap_or_else(|_| Err(late()));
    seen.map(Some)
}

/// Returns whether reactions differ, so that who sends can tell what was decrypted.
fn differ<K>(reactions: &[(K, Reaction)]) -> bool {
    reactions.windows(2).any(|pair| pair[0].1 != pair[1].1)
}

/// Says that a second look saw something else.
fn unsteady() -> Missing {
    Missing("the answers changed from one try to the next".to_owned())
}
