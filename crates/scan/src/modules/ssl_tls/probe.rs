//! Decides what to ask one server, with at most 60 connections, 8 of them at a time, and puts the
//! answers together.
//!
//! TLS 1.2 and 1.3 come first, since nearly everybody has them and older versions mostly repeat the
//! suites of TLS 1.2; then the older versions; then what can only be asked once the suites are
//! known, `habits` among it, for which a server with many suites may leave no connections. Each step is granted connections of its own, so that a long list of suites cannot use up
//! those of a later question.

use std::net::IpAddr;

use rustls_pki_types::CertificateDer;

use super::certificate::{self, CertificateFacts};
use super::clients;
use super::elimination::Listed;
use super::habits::{self, Known};
use super::key_list;
use super::listing::Lister;
use super::ocsp::Staple;
use super::path_repair;
use super::revocation::{self, Lists};
use super::timestamps::{self, Beside};
use super::trust::{self, Trust};
use super::wire::hello::{SSL3, TLS10, TLS11, TLS12, TLS13};
use super::wire::reply::{Exchange, ServerHello};
use super::wire::suites::{POST_QUANTUM, is_broken, suite_name};
use super::{
    ChainEvidence, Features, Handshake, PORT, PrimeSeen, Silence, TlsEvidence, VersionEvidence,
};
use crate::check::{Missing, Seen};
use crate::net::{Net, NetError};

/// Connections for TLS 1.2, TLS 1.3, their groups and SSL 2.0. With the handshake and the next two
/// they make 60.
const FIRST: u32 = 46;
/// Connections for SSL 3.0 to TLS 1.1, three each.
const OLDER: u32 = 9;
/// Connections for the server's order, weak curves, and whether it still answers.
const LAST: u32 = 4;
/// Certificates of a chain that are kept.
const MOST_CERTIFICATES: usize = 10;

/// Asks one address everything.
pub(super) async fn in_full(net: &Net, address: IpAddr, name: &str, lists: &Lists) -> TlsEvidence {
    let lister = Lister::new(net, address, name, FIRST);
    let (handshake, ssl2, tls12, tls13, groups) = tokio::join!(
        shake_hands(&lister),
        lister.ssl2(),
        lister.tls12(),
        lister.tls13(),
        lister.groups()
    );
    if let (Err(error), Err(_), Err(_)) = (&handshake, &tls12, &tls13)
        && is_out_of_reach(error)
        && ssl2.is_err()
    {
        return unreached(address, error);
    }
    // One cannot use up what another needs to tell whether it is offered at all.
    let share = (OLDER + lister.take_back()) / 3;
    let older = [SSL3, TLS10, TLS11].map(|version| (version, lister.with(share)));
    let known = tls12.as_ref().map(|listed| listed.suites.as_slice()).unwrap_or_default();
    let [ssl3, tls10, tls11] =
        older.each_ref().map(|(version, lister)| lister.before_tls12(*version, known));
    let (ssl3, tls10, tls11) = tokio::join!(ssl3, tls10, tls11);
    let left: u32 = older.iter().map(|(_, lister)| lister.take_back()).sum();
    let for_habits = left.min(habits::MOST_CONNECTIONS);
    lister.grant(left - for_habits);
    let mut listed = [(SSL3, ssl3), (TLS10, tls10), (TLS11, tls11), (TLS12, tls12), (TLS13, tls13)];
    for (version, listed) in &mut listed {
        if let Ok(listed) = listed {
            lister.resume(*version, listed).await;
        }
    }
    let habits = lister.with((for_habits + lister.take_back()).min(habits::MOST_CONNECTIONS));
    lister.grant(LAST);
    let mut answers = Answers { handshake, ssl2, listed, groups };
    if answers.is_empty() {
        let error = answers.handshake.as_ref().err().cloned().unwrap_or(NetError::Closed);
        return unreached(address, &error);
    }
    answers.settle(&lister).await;
    let seen = answers.evidence(&lister, &habits, lists).await;
    TlsEvidence { clients: clients::simulate(&seen), ..seen }
}

/// What a current client gets, with the chain in DER form.
pub(super) struct Agreed {
    pub(super) handshake: Handshake,
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// The OCSP response that came with it; empty when none did.
    pub(super) stapled: Vec<u8>,
}

/// Shakes hands as a current client does, and hangs up: a server that serves one after the other
/// would keep everybody else waiting.
pub(super) async fn shake_hands(lister: &Lister<'_>) -> Result<Agreed, NetError> {
    let session = lister.net.tls(lister.address, PORT, lister.name).await?;
    let handshake = Handshake {
        version: session.version,
        suite: session.suite,
        group: session.group,
        alpn: session.alpn,
    };
    Ok(Agreed { handshake, chain: session.chain, stapled: session.stapled })
}

/// Returns whether nothing at all was said, not even no.
pub(super) fn is_out_of_reach(error: &NetError) -> bool {
    matches!(
        error,
        NetError::Refused
            | NetError::TimedOut
            | NetError::Deadline
            | NetError::TurnedAway
            | NetError::NotAllowed(_)
            | NetError::Failed(_)
    )
}

pub(super) fn unreached(address: IpAddr, error: &NetError) -> TlsEvidence {
    let (reason, silence) = match is_out_of_reach(error) {
        true => (format!("port {PORT} of {address}: {error}"), silence(error)),
        false => {
            let reason = format!("{address}: no version of TLS could be agreed on: {error}");
            (reason, Some(Silence::NoTls))
        }
    };
    TlsEvidence { silence, ..TlsEvidence::unseen(Some(address), &Missing(reason)) }
}

/// Returns how nothing was said; what our own network or settings refuse is not silence.
fn silence(error: &NetError) -> Option<Silence> {
    match error {
        NetError::Refused => Some(Silence::Refused),
        NetError::TimedOut => Some(Silence::NoAnswer),
        _ => None,
    }
}

/// What the server said.
struct Answers {
    handshake: Result<Agreed, NetError>,
    ssl2: Seen<bool>,
    /// Oldest first.
    listed: [(u16, Seen<Listed>); 5],
    /// Groups of TLS 1.3, and why the list broke off if it did.
    groups: (Vec<u16>, Option<NetError>),
}

impl Answers {
    fn is_empty(&self) -> bool {
        self.handshake.is_err() && self.ssl2 != Ok(true) && self.hellos().next().is_none()
    }

    /// Returns the answered hellos, the oldest version first.
    fn hellos(&self) -> impl DoubleEndedIterator<Item = &ServerHello> {
        self.listed
            .iter()
            .filter_map(|(_, listed)| listed.as_ref().ok())
            .flat_map(|one| &one.hellos)
    }

    /// Returns the answered hellos of versions that send everything in clear.
    fn clear(&self) -> impl DoubleEndedIterator<Item = &ServerHello> {
        self.hellos().filter(|hello| hello.version < TLS13)
    }

    /// Settles whether a server that hung up refused, or had had enough of us.
    async fn settle(&mut self, lister: &Lister<'_>) {
        let lists = self.listed.iter().filter_map(|(_, listed)| listed.as_ref().ok());
        let doubted = lists.map(|listed| listed.hung_up.len()).sum::<usize>() > 0
            || self.groups.1 == Some(NetError::Closed);
        if !doubted {
            return;
        }
        let answered = self.hellos().last().map(|hello| (hello.version, hello.suite));
        let still_answers = match answered {
            Some((version, suite)) => lister.still_answers(version, suite).await,
            None => false,
        };
        if still_answers {
            if self.groups.1 == Some(NetError::Closed) {
                self.groups.1 = None;
            }
            return;
        }
        let why = Missing("the server hung up on every hello in the end".to_owned());
        for (_, answer) in &mut self.listed {
            match answer {
                Ok(listed) if listed.suites.is_empty() && !listed.hung_up.is_empty() => {
                    *answer = Err(why.clone());
                }
                Ok(listed) => listed.doubt(&why),
                Err(_) => {}
            }
        }
    }

    async fn evidence(
        self,
        lister: &Lister<'_>,
        for_habits: &Lister<'_>,
        lists: &Lists,
    ) -> TlsEvidence {
        let known = self.known();
        let sent = self.sent();
        let features = self.features();
        let (curves, primes) = self.exchanges();
        let order = async {
            let (version, one, other) = self.two_suites()?;
            Some(Order::of(one, other, lister.choices(version, one, other).await?))
        };
        let weak = async {
            match self.ecdhe_suites() {
                Some((version, suites)) => lister.weak_curves(version, &suites).await,
                None => Ok(Vec::new()),
            }
        };
        let revocation = async {
            let sent = sent.as_ref().map_err(Clone::clone)?;
            revocation::look_up(lister.net, lists, sent).await
        };
        let stapled = self.stapled();
        let staple = sent.as_ref().map_err(Clone::clone);
        let staple = staple.map(|sent| Staple::judge(&stapled, sent, lister.net.now()));
        let in_handshake = self.timestamps();
        let logged = async {
            let sent = sent.as_ref().map_err(Clone::clone)?;
            let beside = Beside { handshake: &in_handshake, staple: &stapled };
            timestamps::look(lister.net, sent, beside).await
        };
        let known_key = async {
            let sent = sent.as_ref().map_err(Clone::clone)?;
            key_list::holds_leaf(lister.net, sent).await
        };
        let chain = async {
            let sent = sent.as_ref().map_err(Clone::clone)?;
            judge_chain(lister.net, lister.name, sent).await
        };
        let (order, weak_curves, habits, revocation, timestamps, known_key, chain) = tokio::join!(
            order,
            weak,
            habits::ask(for_habits, &known),
            revocation,
            logged,
            known_key,
            chain
        );
        let unseen = TlsEvidence::unseen(Some(lister.address), &Missing::not_probed());
        TlsEvidence {
            reached: Ok(()),
            chain,
            revocation,
            staple,
            timestamps,
            known_key,
            ssl2: self.ssl2,
            curves,
            weak_curves,
            shortest_prime: primes.iter().map(|prime| prime.bits).min(),
            primes: Ok(primes),
            server_order: order.as_ref().map(|order| order.is_the_servers),
            features,
            habits,
            groups: whole_groups(self.groups),
            handshake: self.handshake.map(|agreed| agreed.handshake).map_err(Missing::from),
            versions: versions(self.listed, order),
            ..unseen
        }
    }

    fn features(&self) -> Option<Features> {
        let has = |id: u16| self.clear().any(|hello| hello.extensions.contains(&id));
        let newest = self.clear().next_back()?;
        Some(Features {
            compression: self.clear().any(|hello| hello.compression != 0),
            secure_renegotiation: newest.extensions.contains(&0xff01),
            extended_master_secret: newest.extensions.contains(&23),
            heartbeat: has(15),
            stapled: self.clear().any(|hello| hello.stapled.is_some()),
            timestamps: has(18),
            encrypt_then_mac: Some(has(22)),
        })
    }

    /// Returns the curves and the primes that were chosen below TLS 1.3.
    fn exchanges(&self) -> (Vec<u16>, Vec<PrimeSeen>) {
        let mut curves: Vec<u16> = Vec::new();
        let mut primes: Vec<PrimeSeen> = Vec::new();
        for exchange in self.clear().filter_map(|hello| hello.exchange) {
            match exchange {
                Exchange::Curve(curve) if !curves.contains(&curve) => curves.push(curve),
                Exchange::Curve(_) => {}
                Exchange::Prime(bits, shared) => {
                    let prime = PrimeSeen { bits, shared: shared.map(str::to_owned) };
                    if !primes.contains(&prime) {
                        primes.push(prime);
                    }
                }
            }
        }
        (curves, primes)
    }

    /// Returns the newest version below TLS 1.3 that something holds for.
    fn newest_old<T>(&self, find: impl Fn(&[u16]) -> Option<T>) -> Option<(u16, T)> {
        let old = self.listed.iter().rev().filter(|(version, _)| *version < TLS13);
        old.filter_map(|(version, listed)| Some((*version, find(&listed.as_ref().ok()?.suites)?)))
            .next()
    }

    fn two_suites(&self) -> Option<(u16, u16, u16)> {
        let (version, (one, other)) = self.newest_old(|suites| match suites {
            [first, .., last] => Some((*first, *last)),
            _ => None,
        })?;
        Some((version, one, other))
    }

    fn ecdhe_suites(&self) -> Option<(u16, Vec<u16>)> {
        self.newest_old(|suites| {
            let is_ecdhe = |suite: &u16| suite_name(*suite).starts_with("TLS_ECDHE_");
            let ecdhe: Vec<u16> = suites.iter().copied().filter(is_ecdhe).collect();
            (!ecdhe.is_empty()).then_some(ecdhe)
        })
    }

    fn known(&self) -> Known {
        let newest = self.hellos().last().map(|hello| (hello.version, hello.suite));
        let is_older = |version: u16| {
            self.handshake.is_ok() || newest.is_some_and(|(newest, _)| newest > version)
        };
        let suites = |wanted: u16| {
            let mut all = self.listed.iter().filter(|(version, _)| *version == wanted);
            all.find_map(|(_, listed)| Some(listed.as_ref().ok()?.suites.as_slice()))
        };
        let fallback = [TLS11, TLS10, SSL3].into_iter().find_map(|version| {
            let suites = suites(version).filter(|all| !all.is_empty() && is_older(version))?;
            Some((version, suites.to_vec()))
        });
        let signs = |suite: &u16| {
            let name = suite_name(*suite);
            name.starts_with("TLS_ECDHE_") || name.starts_with("TLS_DHE_")
        };
        let signing = suites(TLS12).unwrap_or_default().iter().copied().filter(signs).collect();
        Known { newest, fallback, signing }
    }

    /// Returns the list of timestamps of logs that a hello had.
    fn timestamps(&self) -> Vec<u8> {
        let mut lists = self.clear().rev().map(|hello| hello.timestamps.clone());
        lists.find(|list| !list.is_empty()).unwrap_or_default()
    }

    /// Returns the OCSP response that came with the chain.
    fn stapled(&self) -> Vec<u8> {
        match &self.handshake {
            Ok(agreed) => agreed.stapled.clone(),
            Err(_) => {
                self.clear().rev().find_map(|hello| hello.stapled.clone()).unwrap_or_default()
            }
        }
    }

    /// Returns the chain of the handshake, or the one an old server sent in clear.
    fn sent(&self) -> Seen<Vec<CertificateDer<'static>>> {
        match &self.handshake {
            Ok(agreed) => Ok(agreed.chain.clone()),
            Err(error) => {
                let with_chain = self.clear().rev().find(|hello| !hello.certificates.is_empty());
                let hello = with_chain.ok_or_else(|| Missing::from(error.clone()))?;
                Ok(hello.certificates.iter().cloned().map(CertificateDer::from).collect())
            }
        }
    }
}

/// Judges the chain that the server of a name sent, leaf first.
pub(crate) async fn judge_chain(
    net: &Net,
    name: &str,
    sent: &[CertificateDer<'_>],
) -> Seen<ChainEvidence> {
    let sent = &sent[..sent.len().min(MOST_CERTIFICATES)];
    let read = |der: &CertificateDer<'_>| CertificateFacts::read(der);
    if sent.first().is_some_and(|leaf| read(leaf).is_none()) {
        return Err(Missing("the server's certificate cannot be read".to_owned()));
    }
    let certificates: Vec<_> = sent.iter().filter_map(read).collect();
    let now = net.now();
    let issued_by_next = |pair: &[CertificateFacts]| pair[0].issuer == pair[1].subject;
    let public = trust::judge(sent, &certificates, webpki_roots::TLS_SERVER_ROOTS, now);
    let trust = trust::judge(sent, &certificates, net.roots(), now);
    Ok(ChainEvidence {
        trust: path_repair::climb(net, sent, trust).await,
        public: public == Trust::Trusted,
        ordered: certificates.windows(2).all(issued_by_next),
        name_matches: sent.first().is_some_and(|leaf| certificate::is_for(leaf, name)),
        certificates,
    })
}

/// Returns the groups unless those that decide may be missing among them.
fn whole_groups((found, broke_off): (Vec<u16>, Option<NetError>)) -> Seen<Vec<u16>> {
    match broke_off {
        Some(error) if !found.iter().any(|group| POST_QUANTUM.contains(group)) => Err(error.into()),
        _ => Ok(found),
    }
}

/// Who chooses among suites, and what that told about those that were asked for apart.
struct Order {
    is_the_servers: bool,
    /// Whether every broken suite comes after every other one.
    broken_last: bool,
}

impl Order {
    /// Judges what was chosen of the first and the last of a list, of which broken ones are the first.
    fn of(first: u16, last: u16, chosen: [u16; 2]) -> Self {
        let is_the_servers = chosen[0] == chosen[1];
        let broken_last = chosen == [last, last] && is_broken(first) && !is_broken(last);
        Self { is_the_servers, broken_last }
    }
}

fn versions(listed: [(u16, Seen<Listed>); 5], order: Option<Order>) -> Vec<VersionEvidence> {
    let mut versions: Vec<_> = listed.into_iter().map(version_evidence).collect();
    if order.is_some_and(|order| order.broken_last) {
        for suites in versions.iter_mut().filter_map(|seen| seen.suites.as_mut().ok()) {
            suites.sort_by_key(|suite| is_broken(*suite));
        }
    }
    versions
}

fn version_evidence((version, listed): (u16, Seen<Listed>)) -> VersionEvidence {
    match listed {
        Ok(listed) => {
            VersionEvidence { version, suites: Ok(listed.suites), unsettled: listed.unsettled }
        }
        Err(missing) => VersionEvidence { version, suites: Err(missing), unsettled: None },
    }
}
