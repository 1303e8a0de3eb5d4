//! DNSSEC: whether what DNS says about the domain can be proven, and if not, why (RFC 9364).
//!
//! A validating resolver only says "bogus". So `walk` follows the chain of trust itself, from the
//! anchor (`anchor`) through every zone to that of the domain: the DS record in the parent, the
//! key it names, the signatures (`signature`), and the proofs that something is not there
//! (`denial`). [`validated`] does the same for any name, for modules whose verdict depends on it.
//! `probe` adds answers of the domain itself and what the zone tells its parent (`child`).
//!
//! Invariants: a resolver that withholds signatures, or an anchor that does not fit, is our own
//! trouble and never the domain's; work is bounded whatever keys and signatures a zone serves; the
//! parameters of a zone are judged at the domain's own zone only, since nobody else can mend them.
//!
//! To add a check: a file beside the others, a line in [`CHECKS`].

pub mod anchor;
mod child;
pub(crate) mod denial;
mod paste;
mod probe;
#[cfg(test)]
mod probe_tests;
pub(crate) mod signature;
mod walk;

mod cds_mismatch;
mod denial_invalid;
mod ds_without_key;
mod long_signature;
mod no_ds;
mod nsec3_iterations;
mod nsec3_opt_out;
mod nsec3_salt;
mod nsec3_too_many_iterations;
mod outdated_digest;
mod removal_requested;
mod short_key;
mod signature_expired;
mod signature_expires_soon;
mod signature_invalid;
mod signature_missing;
mod signature_not_yet_valid;
mod unsigned;
mod weak_algorithm;

use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub use child::ChildRecords;
pub(crate) use probe::probe;
pub use walk::validated;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[CHECKS];

const CHECKS: &[Check] = &[
    unsigned::CHECK,
    no_ds::CHECK,
    ds_without_key::CHECK,
    signature_missing::CHECK,
    signature_expired::CHECK,
    signature_not_yet_valid::CHECK,
    signature_invalid::CHECK,
    denial_invalid::CHECK,
    weak_algorithm::CHECK,
    outdated_digest::CHECK,
    short_key::CHECK,
    signature_expires_soon::CHECK,
    long_signature::CHECK,
    nsec3_too_many_iterations::CHECK,
    nsec3_iterations::CHECK,
    nsec3_salt::CHECK,
    nsec3_opt_out::CHECK,
    cds_mismatch::CHECK,
    removal_requested::CHECK,
];

/// What can be proven about the domain.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DnssecEvidence {
    pub chain: Seen<Chain>,
}

/// The chain of trust and what hangs on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chain {
    /// From the anchor's zone down to the domain's, or to where the chain ends; at most 12.
    pub zones: Vec<Zone>,
    pub security: Security,
    /// The apex of the zone the domain is in.
    pub apex: String,
    /// Answers about the domain and the zone; none unless the chain is secure.
    pub answers: Vec<Answered>,
    /// How the zone denies that a name exists; nothing while it is not signed.
    pub denial: Option<Denial>,
    /// What the zone asks its parent for (RFC 7344).
    pub child: Seen<ChildRecords>,
}

impl Chain {
    /// Returns the domain's zone, if the chain got there.
    fn own(&self) -> Option<&Zone> {
        self.zones.last().filter(|zone| zone.name == self.apex)
    }

    /// Returns the signatures over the domain's own zone and its answers.
    fn own_signatures(&self) -> impl Iterator<Item = &Signature> {
        let keys = self.own().into_iter().flat_map(|zone| &zone.signatures);
        // The DS record is signed by the parent.
        let keys = keys.filter(|signature| signature.covers != "DS");
        keys.chain(self.answers.iter().flat_map(|answer| &answer.signatures))
    }

    /// Returns everything that is broken, the chain first.
    fn breaks(&self) -> impl Iterator<Item = &Break> {
        let answers = self.answers.iter().filter_map(|answer| answer.security.as_ref().ok());
        std::iter::once(&self.security).chain(answers).filter_map(|security| match security {
            Security::Bogus(broken) => Some(broken),
            Security::Secure | Security::Insecure(_) => None,
        })
    }
}

/// One zone of the chain.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Zone {
    /// Without the trailing dot; `.` for the root.
    pub name: String,
    /// What the parent, or the anchor, names; at most 12.
    pub ds: Vec<DsSeen>,
    /// At most 24.
    pub keys: Vec<KeySeen>,
    /// Over the zone's DS and DNSKEY records; at most 16.
    pub signatures: Vec<Signature>,
}

/// A DS record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DsSeen {
    pub tag: u16,
    pub algorithm: u8,
    /// The type of its digest.
    pub digest: u8,
}

/// A DNSKEY record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySeen {
    pub tag: u16,
    pub algorithm: u8,
    pub flags: u16,
    /// The length of an RSA modulus.
    pub bits: Option<u32>,
}

/// A signature over a record set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub name: String,
    /// The type it covers.
    pub covers: String,
    pub key_tag: u16,
    pub algorithm: u8,
    /// Seconds since 1970.
    pub inception: i64,
    /// Seconds since 1970.
    pub expiration: i64,
    pub state: SignatureState,
}

/// What came of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    Valid,
    Expired,
    NotYetValid,
    /// It does not fit records and key.
    Wrong,
    NoSuchKey,
    /// No algorithm that is verified here.
    Unsupported,
    /// There was too much to try.
    Untried,
}

/// How far something can be believed (RFC 4035, section 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    Secure,
    /// Provably not signed; why.
    Insecure(Insecurity),
    /// A validating resolver refuses it.
    Bogus(Break),
}

/// Why nothing can be proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Insecurity {
    /// The zone of this name has no DS record in its parent.
    NoDs(String),
    /// The zone of this name uses algorithms or digests that are verified nowhere, or not here.
    Unsupported(String),
    /// The parent of the zone of this name asks for too much hashing.
    TooManyIterations(String),
}

/// Where and how a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    pub problem: Problem,
    /// What was seen, as a clause.
    pub detail: String,
}

/// How a chain breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    DsWithoutKey,
    SignatureMissing,
    SignatureExpired,
    SignatureNotYetValid,
    SignatureInvalid,
    DenialInvalid,
}

/// An answer and how far it can be believed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answered {
    pub name: String,
    pub record_type: String,
    pub security: Seen<Security>,
    /// At most 8.
    pub signatures: Vec<Signature>,
}

/// How a zone proves that a name does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    Nsec,
    Nsec3 { iterations: u16, salt_octets: usize, opt_out: bool },
}

/// Returns a name as people write it: lower case, without the trailing dot.
fn plain(name: &Name) -> String {
    match name.is_root() {
        true => ".".to_owned(),
        false => name.to_ascii().trim_end_matches('.').to_ascii_lowercase(),
    }
}

fn chain(evidence: &Evidence) -> Seen<&Chain> {
    evidence.dnssec()?.chain.as_ref().map_err(Clone::clone)
}

/// Returns the domain's zone when it is signed, and otherwise the verdict of a check of its keys.
fn signed_zone(evidence: &Evidence) -> Result<Result<&Zone, Verdict>, Missing> {
    let chain = chain(evidence)?;
    match (chain.own(), &chain.security) {
        (Some(zone), _) if !zone.keys.is_empty() => Ok(Ok(zone)),
        (_, Security::Insecure(_)) => Ok(Err(UNSIGNED)),
        (_, Security::Bogus(broken)) => Err(broken_above(broken)),
        (_, Security::Secure) => Err(Missing("the zone's keys were not seen".to_owned())),
    }
}

const UNSIGNED: Verdict = Verdict::NotApplicable("the zone is not signed");

fn broken_above(broken: &Break) -> Missing {
    Missing(format!("the chain of trust breaks before: {}", broken.detail))
}

/// Judges one way a chain breaks. Once it is broken elsewhere, nothing is known about this way.
fn breaks_by(problem: Problem, evidence: &Evidence) -> Result<Verdict, Missing> {
    let chain = chain(evidence)?;
    let mut breaks = chain.breaks().filter(|broken| broken.problem == problem);
    if let Some(broken) = breaks.next() {
        return Ok(Verdict::Fail(broken.detail.clone()));
    }
    match &chain.security {
        Security::Bogus(broken) => Err(broken_above(broken)),
        Security::Insecure(_) => Ok(Verdict::NotApplicable("there is no chain of trust to break")),
        Security::Secure => {
            let unseen = chain.answers.iter().find_map(|answer| answer.security.as_ref().err());
            unseen.map_or(Ok(Verdict::Pass), |missing| Err(missing.clone()))
        }
    }
}

/// A signed zone in order, for tests to spoil.
#[cfg(test)]
pub(crate) fn sound(spoil: impl FnOnce(&mut Chain)) -> Evidence {
    let signature = |covers: &str| Signature {
        name: "example.com".to_owned(),
        covers: covers.to_owned(),
        key_tag: 7,
        algorithm: 13,
        inception: NOW - 86_400,
        expiration: NOW + 13 * 86_400,
        state: SignatureState::Valid,
    };
    let mut chain = Chain {
        zones: vec![Zone {
            name: "example.com".to_owned(),
            ds: vec![DsSeen { tag: 7, algorithm: 13, digest: 2 }],
            keys: vec![KeySeen { tag: 7, algorithm: 13, flags: 257, bits: None }],
            signatures: vec![signature("DNSKEY")],
        }],
        security: Security::Secure,
        apex: "example.com".to_owned(),
        answers: vec![Answered {
            name: "example.com".to_owned(),
            record_type: "SOA".to_owned(),
            security: Ok(Security::Secure),
            signatures: vec![signature("SOA")],
        }],
        denial: Some(Denial::Nsec),
        child: Ok(ChildRecords::default()),
    };
    spoil(&mut chain);
    Evidence {
        seen_at: Some(model::Timestamp(NOW * 1_000)),
        dnssec: Some(DnssecEvidence { chain: Ok(chain) }),
        ..Evidence::default()
    }
}

/// Evidence that the probe could not get.
#[cfg(test)]
pub(crate) fn unseen() -> Evidence {
    let chain = Err(Missing("silence".to_owned()));
    Evidence { dnssec: Some(DnssecEvidence { chain }), ..Evidence::default() }
}

/// Makes a chain one of an unsigned zone.
#[cfg(test)]
pub(crate) fn unsign(chain: &mut Chain) {
    chain.security = Security::Insecure(Insecurity::NoDs("example.com".to_owned()));
    chain.zones.clear();
    chain.answers.clear();
    chain.denial = None;
}

/// Makes a chain one that breaks.
#[cfg(test)]
pub(crate) fn break_by(problem: Problem) -> impl FnOnce(&mut Chain) {
    move |chain| {
        chain.security = Security::Bogus(Break { problem, detail: "as it is".to_owned() });
    }
}

/// Seconds since 1970 at which tests judge.
#[cfg(test)]
pub(crate) const NOW: i64 = 1_795_000_000;
