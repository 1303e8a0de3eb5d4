//! Signed zones: keys made at start, every answer signed as it goes out, and proofs of what is not
//! there, by NSEC or NSEC3.
//!
//! A zone is what [`crate::dns::apex`] says. Its parent gets the DS record when it is made, so
//! zones are signed from the root down or not at all; [`SigningFault`] spoils one thing.

use std::sync::OnceLock;

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::sig::SigInput;
use hickory_proto::dnssec::rdata::{CDNSKEY, CDS, DNSKEY, DNSSECRData, DS, NSEC, NSEC3, RRSIG};
use hickory_proto::dnssec::{
    Algorithm, DigestType, Nsec3HashAlgorithm, PublicKey, PublicKeyBuf, SigningKey, TBS,
};
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{DNSClass, Label, Name, RData, Record, RecordType, SerialNumber};

use crate::dns::{Records, absolute, apex, soa};

const DAY: i64 = 24 * 60 * 60;
const ALGORITHM: Algorithm = Algorithm::ECDSAP256SHA256;

/// How a zone is signed. The default is sound: NSEC, and signatures valid for two weeks.
#[derive(Debug, Clone, Default)]
pub struct Signing {
    pub denial: Denial,
    pub fault: Option<SigningFault>,
    /// What the zone asks its parent for.
    pub child: Option<ChildDs>,
}

impl From<SigningFault> for Signing {
    fn from(fault: SigningFault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

impl From<Denial> for Signing {
    fn from(denial: Denial) -> Self {
        Self { denial, ..Self::default() }
    }
}

/// How a zone proves that something is not there.
#[derive(Debug, Clone, Default)]
pub enum Denial {
    #[default]
    Nsec,
    Nsec3 {
        iterations: u16,
        salt: Vec<u8>,
        opt_out: bool,
    },
}

/// What is wrong with a signed zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningFault {
    Expired,
    NotYetValid,
    /// Signatures end in two hours.
    ExpiresSoon,
    /// Signatures are valid for a year.
    LongLived,
    /// Only the keys are signed.
    NothingSigned,
    /// All but the keys is signed by a key that the zone does not have.
    ForeignKey,
    /// Signatures do not fit the records; the keys' do.
    Tampered,
    /// The parent names another key.
    WrongDs,
    /// The parent names no key.
    NoDs,
    /// The parent's digest is SHA-1.
    Sha1Ds,
    /// The key has an algorithm that is not allowed and that nobody verifies.
    OldAlgorithm,
    /// Proofs are about other names.
    WrongDenial,
}

/// CDS and CDNSKEY records of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildDs {
    /// Of its own key.
    Own,
    /// Of a key it does not have.
    Stray,
    /// The request to remove the DS records.
    Removal,
}

/// The signed zones of a resolver.
pub(crate) struct SignedZones(Vec<Zone>);

struct Zone {
    name: String,
    signing: Signing,
    key: EcdsaSigningKey,
    dnskey: DNSKEY,
    ds: DS,
    foreign: EcdsaSigningKey,
    inception: u32,
    expiration: u32,
    /// The names with records, sorted, as soon as something is asked for that is not there.
    names: OnceLock<Vec<Name>>,
}

impl SignedZones {
    /// Makes the keys, and adds their records, DS and SOA to the zones.
    pub(crate) fn new(
        signings: &[(String, Signing)],
        at: Option<i64>,
        records: &mut Records,
    ) -> anyhow::Result<Self> {
        let at = match at {
            Some(at) => at,
            None => now()?,
        };
        let make = |(name, signing): &(String, Signing)| Zone::new(name, signing.clone(), at);
        let mut zones = signings.iter().map(make).collect::<anyhow::Result<Vec<_>>>()?;
        // The highest first, so that it is the anchor.
        zones.sort_by_key(|zone| zone.name.split_terminator('.').count());
        for zone in &zones {
            zone.add_records(records)?;
        }
        Ok(Self(zones))
    }

    /// Returns the DS record of the highest zone as a line of a zone file.
    pub(crate) fn anchor(&self) -> Option<String> {
        let zone = self.0.first()?;
        Some(format!("{}. IN DS {}", zone.name, zone.ds))
    }

    /// Adds signatures and proofs to an answer.
    pub(crate) fn sign(
        &self,
        reply: &mut Message,
        records: &Records,
        asked: &Name,
        record_type: RecordType,
    ) {
        let mut signatures = Vec::new();
        let mut sets: Vec<(Name, RecordType)> = Vec::new();
        for record in &reply.answers {
            let set = (record.name.clone(), record.record_type());
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        for (name, set_type) in sets {
            if let Some(zone) = self.zone(records, &key(&name), set_type) {
                let same =
                    |record: &&Record| record.name == name && record.record_type() == set_type;
                let set: Vec<Record> = reply.answers.iter().filter(same).cloned().collect();
                signatures.extend(zone.signature(&set));
            }
        }
        if reply.answers.is_empty()
            && let Some(zone) = self.zone(records, &key(asked), record_type)
        {
            let mut proofs = reply.authorities.clone();
            proofs.extend(zone.proofs(records, asked, reply.metadata.response_code));
            for proof in proofs {
                signatures.extend(zone.signature(std::slice::from_ref(&proof)));
                signatures.push(proof);
            }
            reply.authorities.clear();
            reply.add_authorities(signatures);
        } else {
            reply.add_answers(signatures);
        }
    }

    fn zone(&self, records: &Records, name: &str, record_type: RecordType) -> Option<&Zone> {
        let apex = apex(records, name, record_type)?;
        self.0.iter().find(|zone| zone.name == apex)
    }
}

impl Zone {
    fn new(name: &str, signing: Signing, at: i64) -> anyhow::Result<Self> {
        let make = || {
            let pkcs8 = EcdsaSigningKey::generate_pkcs8(ALGORITHM)?;
            EcdsaSigningKey::from_pkcs8(&pkcs8, ALGORITHM)
        };
        let (key, foreign) = (make()?, make()?);
        let fault = signing.fault;
        let algorithm = match fault {
            Some(SigningFault::OldAlgorithm) => Algorithm::Unknown(12),
            _ => ALGORITHM,
        };
        let public = PublicKeyBuf::new(key.to_public_key()?.public_bytes().to_vec(), algorithm);
        let dnskey = DNSKEY::with_flags(257, public);
        let named = match fault {
            Some(SigningFault::WrongDs) => DNSKEY::with_flags(257, foreign.to_public_key()?),
            _ => dnskey.clone(),
        };
        let digest_type = match fault {
            Some(SigningFault::Sha1Ds) => DigestType::SHA1,
            _ => DigestType::SHA256,
        };
        let ds = ds(&named, &name_of(name)?, digest_type)?;
        let (inception, expiration) = match fault {
            Some(SigningFault::Expired) => (at - 20 * DAY, at - 2 * DAY),
            Some(SigningFault::NotYetValid) => (at + 2 * DAY, at + 20 * DAY),
            Some(SigningFault::ExpiresSoon) => (at - 13 * DAY, at + DAY / 12),
            Some(SigningFault::LongLived) => (at - 100 * DAY, at + 265 * DAY),
            _ => (at - DAY, at + 13 * DAY),
        };
        let (inception, expiration) = (u32::try_from(inception)?, u32::try_from(expiration)?);
        let name = name.to_owned();
        let names = OnceLock::new();
        Ok(Self { name, signing, key, dnskey, ds, foreign, inception, expiration, names })
    }

    fn add_records(&self, records: &mut Records) -> anyhow::Result<()> {
        let apex = name_of(&self.name)?;
        let own = records.entry(self.name.clone()).or_default();
        if !own.iter().any(|data| matches!(data, RData::SOA(_))) {
            own.push(RData::SOA(soa(&apex)));
        }
        own.push(RData::DNSSEC(DNSSECRData::DNSKEY(self.dnskey.clone())));
        if !self.name.is_empty() && self.signing.fault != Some(SigningFault::NoDs) {
            own.push(RData::DNSSEC(DNSSECRData::DS(self.ds.clone())));
        }
        let asked = match self.signing.child {
            None => return Ok(()),
            Some(ChildDs::Own) => self.dnskey.clone(),
            Some(ChildDs::Stray) => DNSKEY::with_flags(257, self.foreign.to_public_key()?),
            Some(ChildDs::Removal) => {
                let none = DigestType::from(0);
                own.push(RData::DNSSEC(DNSSECRData::CDS(CDS::new(0, None, none, vec![0]))));
                return Ok(());
            }
        };
        let ds = ds(&asked, &apex, DigestType::SHA256)?;
        own.push(RData::DNSSEC(DNSSECRData::CDS(CDS::new(
            ds.key_tag(),
            Some(ds.algorithm()),
            ds.digest_type(),
            ds.digest().to_vec(),
        ))));
        own.push(RData::DNSSEC(DNSSECRData::CDNSKEY(CDNSKEY::with_flags(
            257,
            Some(ALGORITHM),
            asked.public_key().public_bytes().to_vec(),
        ))));
        Ok(())
    }

    /// Signs a record set, unless the zone's fault is not to.
    fn signature(&self, set: &[Record]) -> Option<Record> {
        let first = set.first()?;
        let covers = first.record_type();
        let over_keys = covers == RecordType::DNSKEY;
        let fault = self.signing.fault.filter(|_| !over_keys);
        let (key, dnskey) = match fault {
            Some(SigningFault::NothingSigned) => return None,
            Some(SigningFault::ForeignKey) => {
                let dnskey = DNSKEY::with_flags(257, self.foreign.to_public_key().ok()?);
                (&self.foreign, dnskey)
            }
            _ => (&self.key, self.dnskey.clone()),
        };
        let input = SigInput {
            type_covered: covers,
            algorithm: dnskey.public_key().algorithm(),
            num_labels: first.name.num_labels(),
            original_ttl: first.ttl,
            sig_expiration: SerialNumber::from(self.expiration),
            sig_inception: SerialNumber::from(self.inception),
            key_tag: dnskey.calculate_key_tag().ok()?,
            signer_name: name_of(&self.name).ok()?,
        };
        let signed = TBS::from_input(&first.name, DNSClass::IN, &input, set.iter()).ok()?;
        let mut signature = key.sign(&signed).ok()?;
        if fault == Some(SigningFault::Tampered) {
            signature[10] = !signature[10];
        }
        let data = RData::DNSSEC(DNSSECRData::RRSIG(RRSIG::from_sig(input, signature)));
        Some(Record::from_rdata(first.name.clone(), first.ttl, data))
    }

    /// Returns what proves that a name, or a type at it, is not there.
    fn proofs(&self, records: &Records, asked: &Name, code: ResponseCode) -> Vec<Record> {
        let names = self.names.get_or_init(|| self.names(records));
        let apex = absolute(&self.name).unwrap_or_else(Name::root);
        if self.signing.fault == Some(SigningFault::WrongDenial) {
            let next = apex.prepend_label("0").unwrap_or_else(|_| apex.clone());
            let types = [RecordType::SOA, RecordType::NSEC, RecordType::RRSIG];
            return vec![nsec_record(apex, NSEC::new(next, types))];
        }
        // The nearest ancestor that exists, and the name below it that does not.
        let exists = |name: &Name| {
            names.binary_search(name).is_ok() || records.contains_key(&key(name)) || *name == apex
        };
        let mut closer = asked.clone();
        while !exists(&closer.base_name()) && closer.num_labels() > apex.num_labels() + 1 {
            closer = closer.base_name();
        }
        let wildcard = closer.base_name().prepend_label("*").unwrap_or_else(|_| closer.clone());
        let mut proofs = match &self.signing.denial {
            Denial::Nsec => {
                let at = |name: &Name| self.span(records, names, name);
                match code {
                    ResponseCode::NXDomain => vec![at(asked), at(&wildcard)],
                    _ => vec![at(asked)],
                }
            }
            Denial::Nsec3 { opt_out, .. } => {
                let mut names = names.clone();
                for name in names.clone() {
                    // Empty names between are hashed too (RFC 5155, section 7.1).
                    let mut between = name.base_name();
                    while between.num_labels() > apex.num_labels() && !names.contains(&between) {
                        names.push(between.clone());
                        between = between.base_name();
                    }
                }
                if *opt_out {
                    names.retain(|name| !self.is_unsigned_cut(records, &key(name)));
                }
                let at = |name: &Name| self.hashed_span(records, &names, name);
                match (code, names.contains(asked)) {
                    (ResponseCode::NXDomain, _) => {
                        vec![at(&closer.base_name()), at(&closer), at(&wildcard)]
                    }
                    (_, true) => vec![at(asked)],
                    (_, false) => vec![at(&closer.base_name()), at(&closer)],
                }
            }
        };
        proofs.dedup();
        proofs.into_iter().flatten().collect()
    }

    /// Returns the names that have records in this zone, sorted.
    fn names(&self, records: &Records) -> Vec<Name> {
        let own = records.iter().filter(|(name, own)| !own.is_empty() && self.holds(records, name));
        let mut names: Vec<Name> = own.filter_map(|(name, _)| absolute(name)).collect();
        names.sort();
        names
    }

    /// Says whether a name has a place in this zone: its own names, and the apexes right below.
    fn holds(&self, records: &Records, name: &str) -> bool {
        let within = |record_type| apex(records, name, record_type).as_ref() == Some(&self.name);
        within(RecordType::A) || (name != self.name && within(RecordType::DS))
    }

    fn is_cut(&self, records: &Records, name: &str) -> bool {
        name != self.name && apex(records, name, RecordType::A).as_deref() == Some(name)
    }

    fn is_unsigned_cut(&self, records: &Records, name: &str) -> bool {
        let signed = |data: &RData| data.record_type() == RecordType::DS;
        self.is_cut(records, name) && !records.get(name).is_some_and(|it| it.iter().any(signed))
    }

    fn types(&self, records: &Records, name: &str) -> Vec<RecordType> {
        let all = records.get(name).into_iter().flatten().map(RData::record_type);
        let mut types: Vec<_> = match self.is_cut(records, name) {
            true => all.filter(|kind| *kind == RecordType::DS).chain([RecordType::NS]).collect(),
            false => all.filter(|kind| *kind != RecordType::DS).collect(),
        };
        types.push(RecordType::RRSIG);
        types
    }

    fn span(&self, records: &Records, names: &[Name], at: &Name) -> Option<Record> {
        let place = names.iter().rposition(|name| name <= at)?;
        let owner = names[place].clone();
        let next = names.get(place + 1).or(names.first())?.clone();
        let mut types = self.types(records, &key(&owner));
        types.push(RecordType::NSEC);
        Some(nsec_record(owner, NSEC::new(next, types)))
    }

    fn hashed_span(&self, records: &Records, names: &[Name], at: &Name) -> Option<Record> {
        let Denial::Nsec3 { iterations, salt, opt_out } = &self.signing.denial else { return None };
        let hash = |name: &Name| {
            let hash = Nsec3HashAlgorithm::SHA1.hash(salt, name, *iterations).ok()?;
            Some(hash.as_ref().to_vec())
        };
        let mut hashes: Vec<(Vec<u8>, &Name)> =
            names.iter().filter_map(|name| Some((hash(name)?, name))).collect();
        hashes.sort();
        let wanted = hash(at)?;
        let place = hashes.iter().rposition(|(hash, _)| *hash <= wanted);
        let place = place.unwrap_or(hashes.len() - 1);
        let (owner, name) = &hashes[place];
        let (next, _) = hashes.get(place + 1).or(hashes.first())?;
        let types = self.types(records, &key(name));
        let span = |next: &[u8]| {
            let (salt, types) = (salt.clone(), types.clone());
            NSEC3::new(Nsec3HashAlgorithm::SHA1, *opt_out, *iterations, salt, next.to_vec(), types)
        };
        // The library writes the next owner's label; asked with ours it writes ours.
        let label: Label = span(owner).next_hashed_owner_name_base32()?.clone();
        let owner = absolute(&self.name)?.prepend_label(label).ok()?;
        Some(Record::from_rdata(owner, 60, RData::DNSSEC(DNSSECRData::NSEC3(span(next)))))
    }
}

fn ds(dnskey: &DNSKEY, zone: &Name, digest_type: DigestType) -> anyhow::Result<DS> {
    let digest = dnskey.to_digest(zone, digest_type)?.as_ref().to_vec();
    let algorithm = dnskey.public_key().algorithm();
    Ok(DS::new(dnskey.calculate_key_tag()?, algorithm, digest_type, digest))
}

fn nsec_record(owner: Name, nsec: NSEC) -> Record {
    Record::from_rdata(owner, 60, RData::DNSSEC(DNSSECRData::NSEC(nsec)))
}

/// Returns a name as records are kept: in lower case without the trailing dot.
fn key(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

fn name_of(zone: &str) -> anyhow::Result<Name> {
    absolute(zone).ok_or_else(|| anyhow::anyhow!("`{zone}` is no name"))
}

#[expect(clippy::disallowed_methods, reason = "signatures of the lab are valid today")]
fn now() -> anyhow::Result<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_secs())?)
}
