//! TLSA records of a mail server (RFC 6698; RFC 7672) and whether the chain it sent matches them.

use hickory_proto::rr::rdata::TLSA;
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Octets of the data that are kept; a digest has 64 at most.
const LONGEST_DATA: usize = 64;

/// One TLSA record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsaRecord {
    /// 3 is the server's own certificate, 2 an authority; the others mean nothing to mail.
    pub usage: u8,
    /// 0 is the whole certificate, 1 its public key.
    pub selector: u8,
    /// 0 is everything, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// Hexadecimal, of the first 64 octets.
    pub data: String,
    /// In octets.
    pub length: usize,
    /// Whether the chain that was seen matches; `None` when none was seen.
    pub matches: Option<bool>,
}

impl TlsaRecord {
    /// Keeps a record, and compares it with a chain in DER form, leaf first.
    pub(super) fn of(record: &TLSA, chain: Option<&[CertificateDer<'_>]>) -> Self {
        let data = &record.cert_data;
        let kept = data.iter().take(LONGEST_DATA).map(|octet| format!("{octet:02x}"));
        let (usage, selector, matching) =
            (record.cert_usage.into(), record.selector.into(), record.matching.into());
        let matches = chain.map(|chain| {
            let candidates = match usage {
                2 => chain.get(1..).unwrap_or_default(),
                _ => &chain[..chain.len().min(1)],
            };
            candidates.iter().any(|der| associated(der, selector, matching).as_ref() == Some(data))
        });
        Self { usage, selector, matching, data: kept.collect(), length: data.len(), matches }
    }

    /// Returns why senders ignore the record, as a clause (RFC 7672, section 3.1).
    pub(super) fn unusable(&self) -> Option<&'static str> {
        match (self.usage, self.selector, self.matching, self.length) {
            (0 | 1, ..) => Some("has a usage that is not for mail"),
            (4.., ..) => Some("has an unknown usage"),
            (_, 2.., ..) => Some("has an unknown selector"),
            (_, _, 3.., _) => Some("has an unknown matching type"),
            (_, _, 1, length) if length != 32 => Some("has a SHA-256 digest of another length"),
            (_, _, 2, length) if length != 64 => Some("has a SHA-512 digest of another length"),
            (_, _, 0, 0) => Some("has no data"),
            _ => None,
        }
    }

    /// Returns the three numbers as they stand in a zone file.
    pub(super) fn parameters(&self) -> String {
        format!("{} {} {}", self.usage, self.selector, self.matching)
    }
}

/// Returns what a record for a certificate has to hold.
fn associated(der: &CertificateDer<'_>, selector: u8, matching: u8) -> Option<Vec<u8>> {
    let selected: Vec<u8> = match selector {
        0 => der.to_vec(),
        1 => X509Certificate::from_der(der).ok()?.1.public_key().raw.to_vec(),
        _ => return None,
    };
    match matching {
        0 => Some(selected),
        1 => Some(Sha256::digest(selected).to_vec()),
        2 => Some(Sha512::digest(selected).to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_record_matches_its_certificate_and_no_other() {
        let authority = lab::Authority::generate().unwrap();
        let chain = authority.issue(&["mx.example.com"], lab::Chain::Good).unwrap().chain;
        let other = authority.issue(&["mx.example.com"], lab::Chain::Good).unwrap().chain;
        for (usage, selector, matching) in
            [(3, 1, 1), (3, 0, 1), (3, 1, 2), (3, 0, 0), (3, 1, 0), (2, 0, 1), (2, 1, 1)]
        {
            let of = if usage == 2 { &chain[1] } else { &chain[0] };
            let data = associated(of, selector, matching).unwrap();
            let record = TLSA::new(usage.into(), selector.into(), matching.into(), data);
            let kept = TlsaRecord::of(&record, Some(&chain));
            assert_eq!((kept.matches, kept.unusable()), (Some(true), None), "{kept:?}");
            assert!(kept.data.len() <= 128);
            // The same authority vouches for both.
            assert_eq!(TlsaRecord::of(&record, Some(&other)).matches, Some(usage == 2));
            assert_eq!(TlsaRecord::of(&record, Some(&[])).matches, Some(false));
            assert_eq!(TlsaRecord::of(&record, None).matches, None);
        }
    }

    #[test]
    fn senders_ignore_what_is_not_for_mail_or_malformed() {
        let unusable = |usage: u8, selector: u8, matching: u8, length: usize| {
            let record = TLSA::new(usage.into(), selector.into(), matching.into(), vec![1; length]);
            TlsaRecord::of(&record, None).unusable().is_some()
        };
        assert!(unusable(0, 1, 1, 32) && unusable(1, 1, 1, 32) && unusable(4, 1, 1, 32));
        assert!(unusable(3, 2, 1, 32) && unusable(3, 1, 3, 32));
        assert!(unusable(3, 1, 1, 20) && unusable(3, 1, 2, 32) && unusable(3, 0, 0, 0));
        assert!(!unusable(3, 1, 1, 32) && !unusable(2, 0, 2, 64) && !unusable(3, 0, 0, 900));
    }
}
