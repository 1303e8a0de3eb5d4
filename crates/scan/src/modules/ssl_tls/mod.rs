//! TLS: which versions, suites and groups the server offers, and what its certificate is worth.
//!
//! `addresses` decides which addresses are asked how much, `probe` what one is asked, `listing` asks
//! it with hand-made hellos (`wire`), one real handshake stands beside them, `habits` what a server
//! does in other situations, `clients` computes what well-known clients would get; where the scan may,
//! `intrusion` tries attacks at one address, over handshakes of our own (`session`). `certificate`
//! reads what a certificate says, `timestamps` what logs signed for it (`log_list`), `revocation` and
//! `ocsp` what its issuer does, `trust` builds the path to a root, `path_repair` with issuers that were not sent. One file per check below the folder of its
//! topic; a check judges one address, and [`at_every_address`] lets the worst decide.
//!
//! Invariant: what the server was silent about is not "not offered"; a suite nobody could ask about
//! any more ([`Unsettled`]) is neither there nor absent.

mod addresses;
mod cert;
pub mod certificate;
mod chain;
mod cipher;
mod client_table;
pub mod clients;
mod counterpart;
mod der;
mod elimination;
pub mod habits;
#[cfg(test)]
mod habits_tests;
pub mod intrusion;
mod kex;
mod key_list;
pub(crate) mod listing;
mod log_list;
pub mod ocsp;
pub(in crate::modules) mod paste;
mod path_repair;
mod probe;
#[cfg(test)]
mod probe_tests;
pub mod revocation;
mod roca;
pub(crate) mod session;
pub mod timestamps;
mod tls;
mod tlsflaw;
pub mod trust;
pub mod weak_key;
pub(crate) mod wire;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;
use certificate::{CertificateFacts, KeyKind, RsaFacts};
use clients::ClientOutcome;
use habits::Habits;
use intrusion::Intrusion;
use ocsp::Staple;
use revocation::Revocation;
use timestamps::LogTimestamp;
use trust::Trust;

pub(crate) use addresses::probe;
pub use counterpart::Counterpart;
pub(crate) use probe::judge_chain;

/// The port that is looked at.
const PORT: u16 = 443;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] =
    &[tls::CHECKS, cipher::CHECKS, kex::CHECKS, tlsflaw::CHECKS, cert::CHECKS, chain::CHECKS];

/// What the TLS prober saw at port 443 of one address, and of the domain's others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TlsEvidence {
    pub address: Option<IpAddr>,
    /// Whether anything spoke TLS.
    pub reached: Seen<()>,
    /// How nothing was said, when that is known to be no fault of our network.
    #[serde(default)]
    pub silence: Option<Silence>,
    /// Whether SSL 2.0 was answered.
    pub ssl2: Seen<bool>,
    /// SSL 3.0 to TLS 1.3, oldest first.
    pub versions: Vec<VersionEvidence>,
    /// Groups of TLS 1.3.
    pub groups: Seen<Vec<u16>>,
    /// Curves the server prefers in TLS 1.2 and older.
    pub curves: Vec<u16>,
    /// Curves of less than 224 bits that it takes when nothing else is offered.
    pub weak_curves: Seen<Vec<u16>>,
    /// The shortest Diffie-Hellman prime seen, in bits.
    pub shortest_prime: Option<usize>,
    /// Every one that was seen; reports from before they were kept have nothing seen.
    #[serde(default = "not_probed")]
    pub primes: Seen<Vec<PrimeSeen>>,
    /// Whether the server's order of suites decides; unknown when it has only one.
    pub server_order: Option<bool>,
    /// What a hello of TLS 1.2 or older told; `None` when none was answered.
    pub features: Option<Features>,
    /// A finished TLS 1.2 or 1.3 handshake.
    pub handshake: Seen<Handshake>,
    pub chain: Seen<ChainEvidence>,
    /// What the leaf's issuer says about it; reports from before it was asked have nothing seen.
    #[serde(default = "not_probed")]
    pub revocation: Seen<Revocation>,
    /// What the server itself brings of that; reports from before it was judged have nothing seen.
    #[serde(default = "not_probed")]
    pub staple: Seen<Staple>,
    /// What logs signed for the leaf, at most 16; reports from before it was verified have nothing
    /// seen.
    #[serde(default = "not_probed")]
    pub timestamps: Seen<Vec<LogTimestamp>>,
    /// Whether the leaf's RSA key is in a list of weak ones; reports from before it was looked up
    /// have nothing seen.
    #[serde(default = "not_probed")]
    pub known_key: Seen<bool>,
    /// What it does in other situations; reports from before it was asked have nothing seen.
    #[serde(default)]
    pub habits: Habits,
    /// What well-known clients would get of all this; an address that was looked at briefly does not
    /// tell.
    #[serde(default)]
    pub clients: Vec<ClientOutcome>,
    /// The site's other name; reports from before it was looked at have none.
    #[serde(default = "not_probed")]
    pub counterpart: Seen<Option<Counterpart>>,
    /// What came of trying attacks; none when the scan may not.
    #[serde(default)]
    pub intrusion: Option<Intrusion>,
    /// The same of the domain's other addresses, at most nine, whose own `others` are empty.
    #[serde(default)]
    pub others: Vec<TlsEvidence>,
}

fn not_probed<T>() -> Seen<T> {
    Err(Missing::not_probed())
}

/// A Diffie-Hellman prime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimeSeen {
    pub bits: usize,
    /// Whose it is, when it is a short one that many servers share.
    pub shared: Option<String>,
}

/// How an address says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    Refused,
    NoAnswer,
    /// Something answers, but not TLS.
    NoTls,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionEvidence {
    /// `0x0300` is SSL 3.0, `0x0304` TLS 1.3.
    pub version: u16,
    /// The suites it takes, in the order it chose them; empty when it is not offered. Broken ones were
    /// asked for apart: they come first unless the server is known to prefer the others. Before TLS
    /// 1.2 those that TLS 1.2 takes as well come last.
    pub suites: Seen<Vec<u16>>,
    /// What is not known, when listing was cut short.
    pub unsettled: Option<Unsettled>,
}

/// Suites that could not be asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsettled {
    pub suites: Vec<u16>,
    pub why: Missing,
}

/// Extensions and compression of a ServerHello up to TLS 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    pub compression: bool,
    pub secure_renegotiation: bool,
    pub extended_master_secret: bool,
    pub heartbeat: bool,
    /// Whether an OCSP response was stapled.
    pub stapled: bool,
    /// Whether signed certificate timestamps came in an extension.
    pub timestamps: bool,
    /// Whether CBC suites are taken with the MAC over what is encrypted (RFC 7366); unknown in
    /// reports from before it was offered.
    #[serde(default)]
    pub encrypt_then_mac: Option<bool>,
}

/// What a modern client gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    pub version: String,
    pub suite: String,
    pub group: Option<String>,
    pub alpn: Option<String>,
}

/// The chain as the server sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEvidence {
    /// Leaf first, at most ten.
    pub certificates: Vec<CertificateFacts>,
    pub trust: Trust,
    /// Whether one of the public roots vouches for it, and not only a root the operator added.
    pub public: bool,
    /// Whether each certificate is issued by the next.
    pub ordered: bool,
    /// Whether the leaf is for the domain.
    pub name_matches: bool,
}

impl TlsEvidence {
    pub(crate) fn unseen(address: Option<IpAddr>, missing: &Missing) -> Self {
        Self {
            address,
            reached: Err(missing.clone()),
            silence: None,
            ssl2: Err(missing.clone()),
            versions: Vec::new(),
            groups: Err(missing.clone()),
            curves: Vec::new(),
            weak_curves: Err(missing.clone()),
            shortest_prime: None,
            primes: Err(missing.clone()),
            server_order: None,
            features: None,
            handshake: Err(missing.clone()),
            chain: Err(missing.clone()),
            revocation: Err(missing.clone()),
            staple: Err(missing.clone()),
            timestamps: Err(missing.clone()),
            known_key: Err(missing.clone()),
            habits: Habits::default(),
            clients: Vec::new(),
            counterpart: Err(missing.clone()),
            intrusion: None,
            others: Vec::new(),
        }
    }

    /// Returns what was seen of each address.
    fn addresses(&self) -> impl Iterator<Item = (IpAddr, &Self)> {
        let all = std::iter::once(self).chain(&self.others);
        all.filter_map(|seen| Some((seen.address?, seen)))
    }

    /// Returns whether TLS 1.3 is offered, be it that only the handshake shows it.
    fn offers_tls13(&self) -> Seen<bool> {
        let agreed = self.handshake.as_ref().is_ok_and(|agreed| agreed.version == "TLSv1_3");
        if agreed {
            return Ok(true);
        }
        self.suites(wire::hello::TLS13).map(|suites| !suites.is_empty())
    }

    /// Returns the suites of a version; empty when the version is not offered.
    fn suites(&self, version: u16) -> Seen<&[u16]> {
        self.reached.clone()?;
        match self.versions.iter().find(|seen| seen.version == version) {
            Some(seen) => seen.suites.as_deref().map_err(Clone::clone),
            None => Err(Missing::not_probed()),
        }
    }
}

/// Judges what was seen of each address. A fault at one is a fault of the domain; what an address
/// does not show changes nothing, since most are looked at briefly.
fn at_every_address(
    evidence: &Evidence,
    judge: fn(&Evidence) -> Result<Verdict, Missing>,
) -> Result<Verdict, Missing> {
    let verdict = judge(evidence);
    if let Ok(Verdict::Fail(_)) = verdict {
        return verdict;
    }
    for (address, other) in evidence.tls.iter().flat_map(|tls| tls.addresses().skip(1)) {
        let there =
            Evidence { seen_at: evidence.seen_at, tls: Some(other.clone()), ..Evidence::default() };
        if let Ok(Verdict::Fail(seen)) = judge(&there) {
            return Ok(Verdict::Fail(format!("at {address}: {seen}")));
        }
    }
    verdict
}

/// Returns the evidence of a server that spoke TLS.
fn reached(evidence: &Evidence) -> Seen<&TlsEvidence> {
    let tls = evidence.tls()?;
    tls.reached.clone()?;
    Ok(tls)
}

/// Returns what came of trying attacks on a server that spoke TLS.
fn intrusion(evidence: &Evidence) -> Seen<&Intrusion> {
    reached(evidence)?.intrusion.as_ref().ok_or_else(Missing::not_probed)
}

/// Returns every suite below TLS 1.3 that was seen, sorted.
fn old_suites(evidence: &Evidence) -> Seen<Vec<u16>> {
    let old = old_versions(reached(evidence)?);
    let mut all: Vec<u16> =
        old.filter_map(|seen| seen.suites.as_ref().ok()).flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Returns `Missing` when a suite like the `wanted` may be offered below TLS 1.3 without having
/// been seen. To be asked once none was seen.
fn none_unseen(evidence: &Evidence, wanted: impl Fn(u16) -> bool) -> Seen<()> {
    for seen in old_versions(reached(evidence)?) {
        if let Err(missing) = &seen.suites {
            return Err(missing.clone());
        }
        match &seen.unsettled {
            Some(open) if open.suites.iter().any(|suite| wanted(*suite)) => {
                return Err(open.why.clone());
            }
            _ => {}
        }
    }
    Ok(())
}

fn old_versions(tls: &TlsEvidence) -> impl Iterator<Item = &VersionEvidence> {
    tls.versions.iter().filter(|seen| seen.version < wire::hello::TLS13)
}

/// Returns the leaf and the chain it came in.
fn leaf(evidence: &Evidence) -> Seen<(&CertificateFacts, &ChainEvidence)> {
    let chain = evidence.tls()?.chain.as_ref().map_err(Clone::clone)?;
    let leaf = chain.certificates.first();
    leaf.map(|leaf| (leaf, chain))
        .ok_or_else(|| Missing("the server sent no certificate".to_owned()))
}

/// Why no question about the numbers of an RSA key arises.
const NO_RSA: &str = "the key is no RSA key";

/// Returns the numbers of the leaf's key when it is an RSA key.
fn rsa_leaf(evidence: &Evidence) -> Seen<Option<&RsaFacts>> {
    let (leaf, _) = leaf(evidence)?;
    match leaf.key {
        KeyKind::Rsa(_) => leaf.rsa.as_ref().map(Some).ok_or_else(Missing::not_probed),
        _ => Ok(None),
    }
}

/// A certificate that was seen somewhere.
struct Shown<'a> {
    /// Where, as a noun.
    place: String,
    leaf: &'a CertificateFacts,
}

/// Returns the leaf of the site, and all others that the scan saw.
fn shown(evidence: &Evidence) -> Seen<Vec<Shown<'_>>> {
    let (own, _) = leaf(evidence)?;
    let tls = evidence.tls()?;
    let mut shown = vec![Shown { place: "the site".to_owned(), leaf: own }];
    for (address, other) in tls.addresses().skip(1) {
        let chain = other.chain.as_ref().ok();
        let leaf = chain.and_then(|chain| chain.certificates.first());
        shown.extend(leaf.map(|leaf| Shown { place: format!("the site at {address}"), leaf }));
    }
    if let Ok(Some(leaf)) = &tls.habits.nameless {
        shown.push(Shown { place: "clients that name no host".to_owned(), leaf });
    }
    if let Ok(Some(counterpart)) = &tls.counterpart
        && let Some(leaf) = &counterpart.leaf
    {
        shown.push(Shown { place: counterpart.name.clone(), leaf });
    }
    let mail = mail_leaves(evidence);
    shown.extend(mail.map(|(name, leaf)| Shown { place: name.to_owned(), leaf }));
    Ok(shown)
}

/// Returns the mail servers that showed a certificate, with it.
fn mail_leaves(evidence: &Evidence) -> impl Iterator<Item = (&str, &CertificateFacts)> {
    let servers = evidence.mail.iter().flat_map(|mail| &mail.servers);
    servers.filter_map(|server| {
        let chain = server.tls.as_ref()?.chain.as_ref().ok()?;
        Some((server.name.as_str(), chain.certificates.first()?))
    })
}

/// A well-kept server with one thing changed, for tests.
#[cfg(test)]
fn seen(change: impl FnOnce(&mut TlsEvidence)) -> Evidence {
    let day = |days: i64| model::Timestamp(days * model::DAY_MS);
    let version = |version, suites: &[u16]| VersionEvidence {
        version,
        suites: Ok(suites.to_vec()),
        unsettled: None,
    };
    let mut tls = TlsEvidence {
        reached: Ok(()),
        ssl2: Ok(false),
        versions: vec![
            version(0x0300, &[]),
            version(0x0301, &[]),
            version(0x0302, &[]),
            version(0x0303, &[0xc02f, 0xc030]),
            version(0x0304, &[0x1301]),
        ],
        groups: Ok(vec![0x11ec, 29]),
        curves: vec![29],
        primes: Ok(Vec::new()),
        weak_curves: Ok(Vec::new()),
        server_order: Some(true),
        features: Some(Features {
            compression: false,
            secure_renegotiation: true,
            extended_master_secret: true,
            heartbeat: false,
            stapled: false,
            timestamps: false,
            encrypt_then_mac: Some(false),
        }),
        handshake: Ok(Handshake {
            version: "TLSv1_3".to_owned(),
            suite: "TLS13_AES_128_GCM_SHA256".to_owned(),
            group: Some("X25519".to_owned()),
            alpn: Some("h2".to_owned()),
        }),
        chain: Ok(ChainEvidence {
            certificates: vec![CertificateFacts {
                not_before: day(20_740),
                not_after: day(20_830),
                ..CertificateFacts::plain("example.com")
            }],
            trust: Trust::Trusted,
            public: true,
            ordered: true,
            name_matches: true,
        }),
        ..TlsEvidence::unseen(None, &Missing::not_probed())
    };
    change(&mut tls);
    Evidence { tls: Some(tls), seen_at: Some(day(20_750)), ..Evidence::default() }
}

/// The evidence of a server that said nothing.
#[cfg(test)]
pub(crate) fn silent() -> Evidence {
    seen(|tls| *tls = TlsEvidence::unseen(None, &Missing("silence".to_owned())))
}

/// [`seen`] in a scan that tried attacks, with one thing that came of it.
#[cfg(test)]
fn intruded(change: impl FnOnce(&mut Intrusion)) -> Evidence {
    let mut intrusion = Intrusion::default();
    change(&mut intrusion);
    Evidence { intrusive: true, ..seen(|tls| tls.intrusion = Some(intrusion)) }
}

/// [`seen`] at 192.0.2.1, and with one thing changed at another address.
#[cfg(test)]
fn at_two(address: &str, change: impl FnOnce(&mut TlsEvidence)) -> Evidence {
    let mut evidence = seen(|tls| tls.address = Some([192, 0, 2, 1].into()));
    let tls = evidence.tls.as_mut().unwrap();
    let mut other = TlsEvidence { address: Some(address.parse().unwrap()), ..tls.clone() };
    change(&mut other);
    tls.others.push(other);
    evidence
}

/// [`seen`] with one change to the leaf.
#[cfg(test)]
fn with_leaf(change: impl FnOnce(&mut CertificateFacts)) -> Evidence {
    seen(|tls| change(&mut tls.chain.as_mut().unwrap().certificates[0]))
}

/// [`seen`] with an RSA key, and one change to its numbers.
#[cfg(test)]
fn with_rsa(change: impl FnOnce(&mut RsaFacts)) -> Evidence {
    with_leaf(|leaf| {
        let mut rsa = rsa_of("C0FFEE");
        change(&mut rsa);
        leaf.key = KeyKind::Rsa(2_048);
        leaf.rsa = Some(rsa);
    })
}

/// An RSA key of some modulus in which nothing is wrong, for tests.
#[cfg(test)]
fn rsa_of(modulus: &str) -> RsaFacts {
    RsaFacts { modulus: modulus.to_owned(), exponent: "010001".to_owned(), flaw: None }
}

/// [`seen`] with some suites of TLS 1.2 left open.
#[cfg(test)]
fn cut_short(open: &[u16]) -> Evidence {
    let why = Missing("the server stopped answering".to_owned());
    seen(|tls| tls.versions[3].unsettled = Some(Unsettled { suites: open.to_vec(), why }))
}
