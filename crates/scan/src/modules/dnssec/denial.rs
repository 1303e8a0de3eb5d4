//! Proofs that something does not exist: NSEC (RFC 4035, section 5.4) and NSEC3 (RFC 5155, section
//! 8), with the limits of RFC 9276.

use hickory_proto::dnssec::Nsec3HashAlgorithm;
use hickory_proto::dnssec::rdata::{DNSSECRData, NSEC, NSEC3};
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType, RecordTypeSet};

use super::signature::{Fault, Key, RecordSet, Work};
use super::{Denial, Problem, plain};

/// Records of one proof that are read.
const MOST_PROOFS: usize = 12;
/// Iterations above which nothing is computed, and a validator treats the zone as unsigned (RFC
/// 9276, section 3.2); what resolvers of 2026 allow at most.
const MOST_ITERATIONS: u16 = 150;
/// Names between a name and its zone that are hashed.
const MOST_LABELS: u8 = 20;

/// What is proven about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The name exists, the type does not.
    NoData,
    /// The name is that of a zone of its own, without a DS record.
    Delegation,
    NoName,
    /// The name lies in a span that may hold unsigned zones (RFC 5155, section 6).
    OptOut,
    /// The zone asks for more hashing than validators do.
    TooManyIterations,
}

/// The proofs in the authority section of one answer, each verified.
pub(crate) struct Proofs {
    zone: Name,
    nsec: Vec<(Name, NSEC)>,
    nsec3: Vec<(String, NSEC3)>,
}

impl Proofs {
    /// Reads the proofs of an answer. Fails when one is not signed as it should be.
    pub(crate) fn read(
        reply: &Message,
        zone: &Name,
        keys: &[Key],
        work: &Work,
    ) -> Result<Self, Fault> {
        let mut proofs = Self { zone: zone.clone(), nsec: Vec::new(), nsec3: Vec::new() };
        let records = reply.authorities.iter().filter(|record| zone.zone_of(&record.name));
        for record in records.filter(|record| is_proof(&record.data)).take(MOST_PROOFS) {
            let set = RecordSet::find(&reply.authorities, &record.name, record.record_type());
            if let Some(set) = set {
                set.verify(zone, keys, work).1?;
            }
            match &record.data {
                RData::DNSSEC(DNSSECRData::NSEC(nsec)) => {
                    proofs.nsec.push((record.name.clone(), nsec.clone()));
                }
                RData::DNSSEC(DNSSECRData::NSEC3(nsec3)) if record.name.base_name() == *zone => {
                    let label = record.name.iter().next().map(String::from_utf8_lossy);
                    let label = label.unwrap_or_default().to_ascii_lowercase();
                    proofs.nsec3.push((label, nsec3.clone()));
                }
                _ => {}
            }
        }
        Ok(proofs)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.nsec.is_empty() && self.nsec3.is_empty()
    }

    /// Returns how the zone denies, with its parameters.
    pub(crate) fn parameters(&self) -> Option<Denial> {
        match self.nsec3.first() {
            Some((_, first)) => Some(Denial::Nsec3 {
                iterations: first.iterations(),
                salt_octets: first.salt().len(),
                opt_out: self.nsec3.iter().any(|(_, nsec3)| nsec3.opt_out()),
            }),
            None => (!self.nsec.is_empty()).then_some(Denial::Nsec),
        }
    }

    /// Says what is proven about a name that has no records of a type, given what the answer says.
    pub(crate) fn deny(
        &self,
        name: &Name,
        record_type: RecordType,
        code: ResponseCode,
    ) -> Result<Denied, Fault> {
        let proven = match (self.nsec3.is_empty(), code) {
            (false, _) => self.deny_by_hash(name, record_type, code),
            (true, ResponseCode::NXDomain) => self.no_name(name),
            (true, _) => self.no_data(name, record_type),
        };
        proven.ok_or_else(|| {
            let name = plain(name);
            let detail = match code {
                ResponseCode::NXDomain => format!("nothing proves that {name} does not exist"),
                _ => format!("nothing proves that {name} has no {record_type} records"),
            };
            Fault::broken(Problem::DenialInvalid, detail)
        })
    }

    /// Says whether it is proven that a name has no closer match than the wildcard of `labels`.
    pub(crate) fn denies_closer_match(&self, name: &Name, labels: u8) -> bool {
        let closer = name.trim_to(usize::from(labels) + 1);
        self.covers(name)
            || self.hashing().is_some_and(|first| {
                hash(first, &closer).is_some_and(|hash| self.cover_of_hash(&hash).is_some())
            })
    }

    fn no_data(&self, name: &Name, record_type: RecordType) -> Option<Denied> {
        if let Some((_, nsec)) = self.nsec.iter().find(|(owner, _)| owner == name) {
            return match_denies(nsec.type_set(), record_type, name);
        }
        // The name has none but names below it do (RFC 4035, section 5.4; RFC 8020).
        let empty =
            |(owner, nsec): &&(Name, NSEC)| owner < name && name.zone_of(nsec.next_domain_name());
        if self.nsec.iter().any(|span| empty(&span)) {
            return Some(Denied::NoData);
        }
        let wildcard = self.wildcard_above(name)?;
        let (_, nsec) = self.nsec.iter().find(|(owner, _)| *owner == wildcard)?;
        match_denies(nsec.type_set(), record_type, name)
    }

    fn no_name(&self, name: &Name) -> Option<Denied> {
        let wildcard = self.wildcard_above(name)?;
        self.covers(&wildcard).then_some(Denied::NoName)
    }

    /// Says whether a name lies between two that follow each other in the zone.
    fn covers(&self, name: &Name) -> bool {
        self.nsec.iter().any(|span| covers(span, name, &self.zone))
    }

    /// Returns the wildcard that would stand for a name that is denied: it hangs on the closest
    /// ancestor that exists, the longer of those the name shares with both ends of the span.
    fn wildcard_above(&self, name: &Name) -> Option<Name> {
        let (owner, nsec) = self.nsec.iter().find(|span| covers(span, name, &self.zone))?;
        let shared = |other: &Name| {
            name.iter()
                .rev()
                .zip(other.iter().rev())
                .take_while(|(one, two)| one.eq_ignore_ascii_case(two))
                .count()
        };
        let labels = shared(owner).max(shared(nsec.next_domain_name()));
        name.trim_to(labels).prepend_label("*").ok()
    }

    fn deny_by_hash(
        &self,
        name: &Name,
        record_type: RecordType,
        code: ResponseCode,
    ) -> Option<Denied> {
        let Some(first) = self.hashing() else { return Some(Denied::TooManyIterations) };
        if name.num_labels().saturating_sub(self.zone.num_labels()) > MOST_LABELS {
            return None;
        }
        if let Some(nsec3) = self.match_of_hash(&hash(first, name)?) {
            let denied = match_denies(nsec3.type_set(), record_type, name)?;
            return (code != ResponseCode::NXDomain).then_some(denied);
        }
        // The closest encloser: the longest ancestor that exists, while the name one label longer
        // does not (RFC 5155, section 8.3).
        let mut closer = name.clone();
        let encloser = loop {
            let parent = closer.base_name();
            if self.match_of_hash(&hash(first, &parent)?).is_some() {
                break parent;
            }
            if parent == self.zone || parent.is_root() {
                return None;
            }
            closer = parent;
        };
        let span = self.cover_of_hash(&hash(first, &closer)?)?;
        if span.opt_out() {
            return Some(Denied::OptOut);
        }
        let wildcard = hash(first, &encloser.prepend_label("*").ok()?)?;
        match code {
            ResponseCode::NXDomain => self.cover_of_hash(&wildcard).map(|_| Denied::NoName),
            _ => match_denies(self.match_of_hash(&wildcard)?.type_set(), record_type, name),
        }
    }

    /// Returns a record whose parameters may be computed with.
    fn hashing(&self) -> Option<&NSEC3> {
        let (_, first) = self.nsec3.first()?;
        (first.iterations() <= MOST_ITERATIONS).then_some(first)
    }

    fn match_of_hash(&self, hash: &str) -> Option<&NSEC3> {
        self.nsec3.iter().find(|(owner, _)| owner == hash).map(|(_, nsec3)| nsec3)
    }

    fn cover_of_hash(&self, hash: &str) -> Option<&NSEC3> {
        let spans = self.nsec3.iter().find(|(owner, nsec3)| {
            let (owner, next) = (owner.as_str(), base32(nsec3.next_hashed_owner_name()));
            match owner < next.as_str() {
                true => owner < hash && hash < next.as_str(),
                false => owner < hash || hash < next.as_str(),
            }
        });
        spans.map(|(_, nsec3)| nsec3)
    }
}

/// Says what a record at the very name proves; nothing when the type is there, or when it is of
/// the wrong side of a zone cut (RFC 6840, section 4.1).
fn match_denies(types: &RecordTypeSet, record_type: RecordType, name: &Name) -> Option<Denied> {
    let has = |record_type| types.contains(record_type);
    let is_cut = has(RecordType::NS) && !has(RecordType::SOA);
    let is_child_side = has(RecordType::SOA) && !name.is_root();
    if has(record_type) || has(RecordType::CNAME) {
        None
    } else if record_type != RecordType::DS {
        (!is_cut).then_some(Denied::NoData)
    } else if is_child_side {
        None
    } else {
        Some(if is_cut { Denied::Delegation } else { Denied::NoData })
    }
}

fn covers((owner, nsec): &(Name, NSEC), name: &Name, zone: &Name) -> bool {
    let next = nsec.next_domain_name();
    // A span that begins at another zone's door proves nothing about what is behind it.
    let behind = nsec.type_set().contains(RecordType::NS)
        && !nsec.type_set().contains(RecordType::SOA)
        && owner.zone_of(name);
    !behind && owner < name && (name < next || next == zone)
}

fn is_proof(data: &RData) -> bool {
    matches!(data, RData::DNSSEC(DNSSECRData::NSEC(_) | DNSSECRData::NSEC3(_)))
}

fn hash(parameters: &NSEC3, name: &Name) -> Option<String> {
    let (salt, iterations) = (parameters.salt(), parameters.iterations());
    let hash = Nsec3HashAlgorithm::SHA1.hash(salt, &name.to_lowercase(), iterations).ok()?;
    Some(base32(hash.as_ref()))
}

/// Writes octets in lower case with the alphabet that keeps their order (RFC 4648, section 7).
fn base32(octets: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut text = String::new();
    for part in octets.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + part.len()].copy_from_slice(part);
        let group = u64::from_be_bytes(group);
        let letters = (part.len() * 8).div_ceil(5);
        for index in 0..letters {
            let index = usize::try_from(group >> (35 - 5 * index) & 31).unwrap_or_default();
            text.push(char::from(LETTERS[index]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_rfc() {
        // RFC 5155, appendix A.
        let parameters = NSEC3::new(
            Nsec3HashAlgorithm::SHA1,
            true,
            12,
            vec![0xaa, 0xbb, 0xcc, 0xdd],
            vec![],
            [],
        );
        let hashed = |name: &str| hash(&parameters, &Name::from_ascii(name).unwrap()).unwrap();
        assert_eq!(hashed("example."), "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
        assert_eq!(hashed("A.example."), "35mthgpgcu1qg68fab165klnsnk3dpvl");
        assert_eq!(hashed("*.w.example."), "r53bq7cc2uvmubfu5ocmm6pers9tk9en");
    }

    fn proofs(spans: &[(&str, &str, &[RecordType])]) -> Proofs {
        let name = |text: &str| Name::from_ascii(text).unwrap();
        let nsec = spans.iter().map(|(owner, next, types)| {
            (name(owner), NSEC::new(name(next), types.iter().copied()))
        });
        Proofs { zone: name("example."), nsec: nsec.collect(), nsec3: Vec::new() }
    }

    #[test]
    fn a_span_says_what_is_not_there() {
        use RecordType::{A, DS, MX, NS, SOA};
        let zone = proofs(&[
            ("example.", "b.example.", &[NS, SOA]),
            ("b.example.", "x.w.example.", &[NS]),
            ("x.w.example.", "example.", &[A]),
        ]);
        let deny = |name: &str, record_type, code| {
            zone.deny(&Name::from_ascii(name).unwrap(), record_type, code).ok()
        };
        let (no_error, no_name) = (ResponseCode::NoError, ResponseCode::NXDomain);
        assert_eq!(deny("x.w.example.", MX, no_error), Some(Denied::NoData));
        assert_eq!(deny("x.w.example.", A, no_error), None, "the type is there");
        assert_eq!(deny("b.example.", DS, no_error), Some(Denied::Delegation));
        assert_eq!(deny("b.example.", A, no_error), None, "the parent's side of a cut");
        assert_eq!(deny("example.", DS, no_error), None, "the child's side of a cut");
        assert_eq!(deny("w.example.", A, no_error), Some(Denied::NoData), "only names below");
        assert_eq!(deny("a.example.", A, no_name), Some(Denied::NoName));
        assert_eq!(deny("z.example.", A, no_name), Some(Denied::NoName));
        assert_eq!(deny("a.b.example.", A, no_name), None, "behind another zone's door");
        assert_eq!(deny("x.w.example.", A, no_name), None, "the name is there");
    }
}
