//! Record sets and whether their signatures hold.
//!
//! Everything is bounded against KeyTrap (CVE-2023-50387): the signatures of one set, the keys
//! tried for one signature, and the verifications of one walk.

use std::sync::atomic::{AtomicU32, Ordering};

use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_proto::dnssec::{Algorithm, PublicKey, Verifier};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::{Break, DsSeen, KeySeen, Problem, Signature, SignatureState, plain};

/// Keys of one zone that are read.
const MOST_KEYS: usize = 24;
/// DS records of one zone that are read.
const MOST_DS: usize = 12;
/// Signatures over one set that are tried.
const MOST_SIGNATURES: usize = 8;
/// Keys with one tag and algorithm that are tried.
const MOST_SAME_TAG: usize = 3;
/// Records of one set that are read.
const MOST_RECORDS: usize = 200;
/// Signatures that one walk verifies.
const MOST_VERIFICATIONS: u32 = 200;

/// What a walk works with: the time, and how much work is left.
pub(crate) struct Work {
    /// Seconds since 1970.
    now: i64,
    left: AtomicU32,
}

impl Work {
    pub(crate) fn new(now: i64) -> Self {
        Self { now, left: AtomicU32::new(MOST_VERIFICATIONS) }
    }

    fn take(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// Why a set is not secure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    Broken(Break),
    /// Nothing here can verify the algorithm, so a validator treats the zone as unsigned.
    Unsupported,
    /// Nobody knows, and why.
    Unseen(String),
}

impl Fault {
    pub(crate) fn broken(problem: Problem, detail: String) -> Self {
        Self::Broken(Break { problem, detail })
    }
}

/// A public key of a zone.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) dnskey: DNSKEY,
    tag: u16,
}

impl Key {
    fn read(record: &Record) -> Option<Self> {
        match &record.data {
            RData::DNSSEC(DNSSECRData::DNSKEY(dnskey)) => {
                Some(Self { dnskey: dnskey.clone(), tag: dnskey.calculate_key_tag().ok()? })
            }
            _ => None,
        }
    }

    fn algorithm(&self) -> Algorithm {
        self.dnskey.public_key().algorithm()
    }

    pub(crate) fn seen(&self) -> KeySeen {
        KeySeen {
            tag: self.tag,
            algorithm: self.algorithm().into(),
            flags: self.dnskey.flags(),
            bits: bits(self.algorithm(), self.dnskey.public_key().public_bytes()),
        }
    }

    /// Says whether a parent's DS record names this key.
    pub(crate) fn is_named_by(&self, ds: &DS, zone: &Name) -> bool {
        ds.key_tag() == self.tag
            && ds.algorithm() == self.algorithm()
            && ds.covers(zone, &self.dnskey).unwrap_or(false)
    }
}

/// Returns the length of an RSA modulus (RFC 3110, section 2); nothing for other algorithms, whose
/// length is part of the algorithm.
fn bits(algorithm: Algorithm, octets: &[u8]) -> Option<u32> {
    if !matches!(u8::from(algorithm), 1 | 5 | 7 | 8 | 10) {
        return None;
    }
    let (exponent, from) = match octets {
        [0, high, low, ..] => (usize::from(u16::from_be_bytes([*high, *low])), 3),
        [length, ..] => (usize::from(*length), 1),
        [] => return None,
    };
    let modulus = octets.get(from + exponent..)?;
    let length = u32::try_from(modulus.len()).ok()?;
    Some((length * 8).saturating_sub(modulus.first()?.leading_zeros()))
}

/// The records of one type at one name, with the signatures over them.
pub(crate) struct RecordSet {
    name: Name,
    record_type: RecordType,
    records: Vec<Record>,
    signatures: Vec<RRSIG>,
}

impl RecordSet {
    /// Finds a set in a section of a message.
    pub(crate) fn find(section: &[Record], name: &Name, record_type: RecordType) -> Option<Self> {
        let own = || section.iter().filter(|record| record.name == *name);
        let mut records: Vec<Record> = own()
            .filter(|record| record.record_type() == record_type)
            .take(MOST_RECORDS)
            .cloned()
            .collect();
        // A set has no duplicates (RFC 4034, section 6.3).
        records.sort_by(|one, other| one.data.cmp(&other.data));
        records.dedup_by(|one, other| one.data == other.data);
        let signatures = own().filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(signature))
                if signature.input().type_covered == record_type =>
            {
                Some(signature.clone())
            }
            _ => None,
        });
        let signatures = signatures.take(MOST_SIGNATURES).collect();
        (!records.is_empty()).then(|| Self { name: name.clone(), record_type, records, signatures })
    }

    pub(crate) fn is_signed(&self) -> bool {
        !self.signatures.is_empty()
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        self.records.iter().filter_map(Key::read).take(MOST_KEYS).collect()
    }

    pub(crate) fn ds(&self) -> Vec<DS> {
        let ds = self.records.iter().filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::DS(ds)) => Some(ds.clone()),
            _ => None,
        });
        ds.take(MOST_DS).collect()
    }

    /// Returns the number of labels that a wildcard stood for, when the set came out of one: the
    /// name below the closest encloser is then the one to be denied (RFC 4035, section 5.3.4).
    pub(crate) fn expanded_from(&self) -> Option<u8> {
        let labels = self.signatures.iter().map(|signature| signature.input().num_labels).min()?;
        (labels < self.name.num_labels()).then_some(labels)
    }

    /// Verifies the set with a zone's keys; one signature that holds is enough (RFC 4035, section
    /// 5.3.3).
    pub(crate) fn verify(
        &self,
        zone: &Name,
        keys: &[Key],
        work: &Work,
    ) -> (Vec<Signature>, Result<(), Fault>) {
        let judge = |signature| self.judge(signature, zone, keys, work);
        let seen: Vec<Signature> = self.signatures.iter().map(judge).collect();
        let result = self.sum_up(&seen);
        (seen, result)
    }

    fn judge(&self, signature: &RRSIG, zone: &Name, keys: &[Key], work: &Work) -> Signature {
        let input = signature.input();
        let (inception, expiration) = (
            absolute(input.sig_inception.get(), work.now),
            absolute(input.sig_expiration.get(), work.now),
        );
        let mut candidates = keys
            .iter()
            .filter(|key| key.tag == input.key_tag && key.algorithm() == input.algorithm)
            .filter(|key| key.dnskey.zone_key())
            .take(MOST_SAME_TAG)
            .peekable();
        let state = if !is_verifiable(input.algorithm) {
            SignatureState::Unsupported
        } else if input.signer_name != *zone || candidates.peek().is_none() {
            SignatureState::NoSuchKey
        } else {
            let holds = |key: &Key| {
                work.take().then(|| {
                    let records = self.records.iter();
                    key.dnskey.verify_rrsig(&self.name, DNSClass::IN, signature, records).is_ok()
                })
            };
            match candidates.map(holds).find(|held| *held != Some(false)) {
                None => SignatureState::Wrong,
                Some(None) => SignatureState::Untried,
                Some(_) if expiration < work.now => SignatureState::Expired,
                Some(_) if inception > work.now => SignatureState::NotYetValid,
                Some(_) => SignatureState::Valid,
            }
        };
        Signature {
            name: plain(&self.name),
            covers: self.record_type.to_string(),
            key_tag: input.key_tag,
            algorithm: input.algorithm.into(),
            inception,
            expiration,
            state,
        }
    }

    fn sum_up(&self, signatures: &[Signature]) -> Result<(), Fault> {
        let what = format!("{} of {}", self.record_type, plain(&self.name));
        let with = |state| signatures.iter().find(move |signature| signature.state == state);
        if with(SignatureState::Valid).is_some() {
            return Ok(());
        }
        Err(if let Some(untried) = with(SignatureState::Untried) {
            Fault::Unseen(format!("too many keys share the tag {}", untried.key_tag))
        } else if let Some(late) = with(SignatureState::Expired) {
            let when = date(late.expiration);
            Fault::broken(
                Problem::SignatureExpired,
                format!("the signature over {what} expired on {when}"),
            )
        } else if let Some(early) = with(SignatureState::NotYetValid) {
            let when = date(early.inception);
            Fault::broken(
                Problem::SignatureNotYetValid,
                format!("the signature over {what} is valid from {when} on"),
            )
        } else if let Some(wrong) = with(SignatureState::Wrong) {
            let tag = wrong.key_tag;
            Fault::broken(
                Problem::SignatureInvalid,
                format!("the signature over {what} by key {tag} does not fit the records"),
            )
        } else if let Some(stray) = with(SignatureState::NoSuchKey) {
            let tag = stray.key_tag;
            Fault::broken(
                Problem::SignatureInvalid,
                format!("{what} is signed by key {tag}, which is not a trusted key of the zone"),
            )
        } else if signatures.is_empty() {
            Fault::broken(Problem::SignatureMissing, format!("{what} is not signed"))
        } else {
            Fault::Unsupported
        })
    }
}

/// Says whether signatures of an algorithm can be verified here.
pub(crate) fn is_verifiable(algorithm: Algorithm) -> bool {
    matches!(u8::from(algorithm), 5 | 7 | 8 | 10 | 13 | 14 | 15)
}

/// Says whether a DS record can be followed (RFC 4035, section 5.2).
pub(crate) fn is_usable(ds: &DS) -> bool {
    is_verifiable(ds.algorithm()) && ds.digest_type().is_supported()
}

pub(crate) fn ds_seen(ds: &DS) -> DsSeen {
    DsSeen { tag: ds.key_tag(), algorithm: ds.algorithm().into(), digest: ds.digest_type().into() }
}

/// Returns the time nearest to `now` that a signature's 32 bits can mean (RFC 4034, section 3.1.5).
fn absolute(serial: u32, now: i64) -> i64 {
    let low = u32::try_from(now.rem_euclid(1 << 32)).unwrap_or_default();
    now.saturating_add(serial.wrapping_sub(low).cast_signed().into())
}

/// Returns a time in seconds as a date.
fn date(seconds: i64) -> String {
    let text = model::Timestamp(seconds.saturating_mul(1_000)).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_near_now_even_when_the_counter_wraps() {
        let now = 1_795_000_000;
        assert_eq!(absolute(1_795_000_100, now), now + 100);
        assert_eq!(absolute(1_794_999_000, now), now - 1_000);
        // 2106-02-07T06:28:16Z is zero again.
        assert_eq!(absolute(50, (1 << 32) - 50), (1 << 32) + 50);
    }

    #[test]
    fn the_length_of_an_rsa_key_is_that_of_its_modulus() {
        let key = |first: u8, octets: usize| {
            [&[3, 1, 0, 1][..], &[first], &vec![0xff; octets - 1]].concat()
        };
        assert_eq!(bits(Algorithm::RSASHA256, &key(0xff, 256)), Some(2_048));
        assert_eq!(bits(Algorithm::RSASHA256, &key(0x7f, 128)), Some(1_023));
        let long = [&[0, 0, 3, 1, 0, 1][..], &[0xff; 128]].concat();
        assert_eq!(bits(Algorithm::RSASHA512, &long), Some(1_024));
        for short in [&[][..], &[0], &[9, 1], &[1, 1]] {
            assert_eq!(bits(Algorithm::RSASHA256, short), None);
        }
        assert_eq!(bits(Algorithm::ED25519, &[1; 32]), None);
    }
}
