//! What a certificate says (RFC 5280). Lenient: a malformed certificate has to be described.

use std::collections::BTreeSet;

use model::{SECOND_MS, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use x509_parser::prelude::*;
use x509_parser::public_key::PublicKey;

use super::weak_key::{self, KeyFlaw};
use super::{revocation, roca};

/// Names of one certificate that are kept.
const MOST_NAMES: usize = 100;
/// Octets of an RSA key's numbers that are kept.
const MOST_MODULUS: usize = 2_048;
const MOST_EXPONENT: usize = 33;

/// The facts that checks judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    pub subject: String,
    pub issuer: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// DNS names of the subjectAltName extension, at most 100.
    pub names: Vec<String>,
    /// How many there are; unknown in reports from before they were counted.
    #[serde(default)]
    pub name_count: Option<usize>,
    /// Whether it claims extended validation (policy 2.23.140.1.1); unknown in older reports.
    #[serde(default)]
    pub extended: Option<bool>,
    pub key: KeyKind,
    /// SHA-256 of the key with its kind, hexadecimal; empty in older reports.
    #[serde(default)]
    pub key_hash: String,
    /// For instance `sha256WithRSAEncryption`, or the object identifier.
    pub signature: String,
    /// Whether the signature rests on MD5 or SHA-1.
    pub weak_signature: bool,
    /// Whether an RSA key is of the kind that can be computed from its public half
    /// (CVE-2017-15361).
    #[serde(default)]
    pub roca: bool,
    /// The numbers of an RSA key; none for others, for authorities under another, which are not
    /// judged, and in reports from before they were kept.
    #[serde(default)]
    pub rsa: Option<RsaFacts>,
    pub has_sct: bool,
    /// How many public logs signed for it, by timestamps that it holds itself; unknown in reports
    /// from before they were counted.
    #[serde(default)]
    pub logs: Option<usize>,
    /// Whether the certificate names a place to ask about it by OCSP; unknown in reports from before
    /// that was read.
    #[serde(default)]
    pub names_responder: Option<bool>,
    /// Whether the certificate demands a stapled OCSP response (RFC 7633).
    pub must_staple: bool,
    pub is_authority: bool,
    /// SHA-256 of the whole certificate, hexadecimal.
    pub fingerprint: String,
}

/// The public numbers of an RSA key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RsaFacts {
    /// Hexadecimal, in capitals, without zeros in front; empty when it is longer than 2,048 octets.
    pub modulus: String,
    /// Hexadecimal, at most 33 octets of it.
    pub exponent: String,
    pub flaw: Option<KeyFlaw>,
}

/// The key, with its length in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    Rsa(usize),
    Ec(usize),
    Ed25519,
    Dsa,
    Other,
}

impl CertificateFacts {
    /// Reads a certificate in DER form; `None` when it is no certificate at all.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let time = |time: ASN1Time| Timestamp(time.timestamp().saturating_mul(SECOND_MS));
        let has = |oid: &str| {
            certificate.extensions().iter().any(|extension| extension.oid.to_id_string() == oid)
        };
        let oid = certificate.signature_algorithm.algorithm.to_id_string();
        let signature = signature_name(&oid);
        let names = dns_names(&certificate);
        let is_intermediate = certificate.is_ca() && certificate.subject() != certificate.issuer();
        let hexadecimal = |hash: &[u8]| hash.iter().map(|octet| format!("{octet:02x}")).collect();
        Some(Self {
            subject: limited(&certificate.subject().to_string()),
            issuer: limited(&certificate.issuer().to_string()),
            not_before: time(certificate.validity().not_before),
            not_after: time(certificate.validity().not_after),
            name_count: Some(names.len()),
            names: names.into_iter().take(MOST_NAMES).collect(),
            extended: Some(is_extended(&certificate)),
            key_hash: hexadecimal(&Sha256::digest(certificate.public_key().raw)),
            key: key_kind(&certificate),
            weak_signature: ["md5", "sha1", "md2"].iter().any(|hash| signature.starts_with(hash))
                || signature.ends_with("SHA1"),
            signature,
            roca: has_roca_key(&certificate),
            rsa: if is_intermediate { None } else { rsa(&certificate) },
            has_sct: has("1.3.6.1.4.1.11129.2.4.2"),
            logs: logs(&certificate),
            names_responder: Some(revocation::responder_url(&certificate).is_some()),
            must_staple: has("1.3.6.1.5.5.7.1.24"),
            is_authority: certificate.is_ca(),
            fingerprint: hexadecimal(&Sha256::digest(der)),
        })
    }

    /// Returns whether the certificate names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Facts of a good certificate, for tests.
    #[cfg(test)]
    pub(crate) fn plain(name: &str) -> Self {
        Self {
            subject: format!("CN={name}"),
            issuer: "CN=Authority".to_owned(),
            not_before: Timestamp(0),
            not_after: Timestamp(0),
            names: vec![name.to_owned()],
            name_count: Some(1),
            extended: Some(false),
            key: KeyKind::Ec(256),
            key_hash: String::new(),
            signature: "ecdsa-with-SHA256".to_owned(),
            weak_signature: false,
            roca: false,
            rsa: None,
            has_sct: true,
            logs: Some(2),
            names_responder: Some(true),
            must_staple: false,
            is_authority: false,
            fingerprint: String::new(),
        }
    }
}

/// Returns whether a certificate in DER form is for a host: one of all its DNS names equals it, or
/// has a wildcard for exactly its first label (RFC 9525, section 6.3). The common name is not
/// looked at.
pub fn is_for(der: &[u8], host: &str) -> bool {
    let names = X509Certificate::from_der(der).map(|(_, certificate)| dns_names(&certificate));
    names.is_ok_and(|names| names.iter().any(|name| matches_host(name, host)))
}

fn matches_host(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => {
            host.split_once('.').is_some_and(|(_, rest)| rest == parent && parent.contains('.'))
        }
        None => name == host,
    }
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let dns = names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    dns.collect()
}

fn limited(text: &str) -> String {
    text.chars().take(300).collect()
}

fn key_kind(certificate: &X509Certificate<'_>) -> KeyKind {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => KeyKind::Rsa(key.key_size()),
        Ok(PublicKey::EC(point)) => KeyKind::Ec(point.key_size()),
        Ok(PublicKey::DSA(_)) => KeyKind::Dsa,
        _ if certificate.public_key().algorithm.algorithm.to_id_string() == "1.3.101.112" => {
            KeyKind::Ed25519
        }
        _ => KeyKind::Other,
    }
}

/// Returns how many different logs the certificate's own timestamps are of (RFC 6962, section 3.3).
fn logs(certificate: &X509Certificate<'_>) -> Option<usize> {
    let timestamps = certificate.extensions().iter().find_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::SCT(timestamps) => Some(timestamps),
            _ => None,
        }
    })?;
    let logs: BTreeSet<&[u8]> = timestamps.iter().map(|one| one.id.key_id.as_slice()).collect();
    Some(logs.len())
}

/// Says whether a certificate is of the policy for extended validation that all authorities share.
fn is_extended(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::CertificatePolicies(policies) => {
            policies.iter().any(|policy| policy.policy_id.to_id_string() == "2.23.140.1.1")
        }
        _ => false,
    })
}

fn has_roca_key(certificate: &X509Certificate<'_>) -> bool {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => roca::is_marked(key.modulus),
        _ => false,
    }
}

fn rsa(certificate: &X509Certificate<'_>) -> Option<RsaFacts> {
    let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed() else { return None };
    let zeros = key.modulus.iter().take_while(|octet| **octet == 0).count();
    let modulus = &key.modulus[zeros..];
    let written = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02X}")).collect();
    Some(RsaFacts {
        modulus: if modulus.len() > MOST_MODULUS { String::new() } else { written(modulus) },
        exponent: written(&key.exponent[..key.exponent.len().min(MOST_EXPONENT)]),
        flaw: weak_key::flaw(modulus, key.exponent),
    })
}

fn signature_name(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsa-with-SHA1",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        assert!(matches_host("*.example.com", "www.example.com"));
        assert!(!matches_host("*.example.com", "example.com"));
        assert!(!matches_host("*.example.com", "a.b.example.com"));
        assert!(!matches_host("*.com", "example.com"));
        assert!(!matches_host("w*.example.org", "www.example.org"));
    }

    #[test]
    fn the_name_counts_however_many_stand_before_it() {
        let names: Vec<String> = (0..150).map(|number| format!("n{number}.example.com")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let authority = lab::Authority::generate().unwrap();
        let issued = authority.issue(&names, lab::Chain::Good).unwrap();
        assert_eq!(CertificateFacts::read(&issued.chain[0]).unwrap().names.len(), MOST_NAMES);
        assert!(is_for(&issued.chain[0], "n149.example.com"));
        assert!(!is_for(&issued.chain[0], "example.com"));
    }

    #[test]
    fn logs_are_counted_once() {
        let authority = lab::Authority::generate().unwrap();
        let logs = |logs: &[u8]| {
            let issued = authority.issue_logged(&["example.com"], logs).unwrap();
            let facts = CertificateFacts::read(&issued.chain[0]).unwrap();
            (facts.has_sct, facts.logs)
        };
        assert_eq!(logs(&[1, 2]), (true, Some(2)));
        assert_eq!(logs(&[1, 1]), (true, Some(1)));
        let plain = authority.issue(&["example.com"], lab::Chain::Good).unwrap();
        assert_eq!(CertificateFacts::read(&plain.chain[0]).unwrap().logs, None);
    }

    #[test]
    fn the_numbers_of_an_rsa_key_are_looked_at() {
        let close = include_bytes!("../../../../../fuzz/seeds/certificate/close_primes");
        let rsa = CertificateFacts::read(close).unwrap().rsa.unwrap();
        assert_eq!((rsa.exponent.as_str(), rsa.flaw), ("010001", Some(KeyFlaw::ClosePrimes)));
        assert_eq!(rsa.modulus.len(), 512);
        let sound = include_bytes!("../../../../../fuzz/seeds/certificate/logged");
        assert_eq!(CertificateFacts::read(sound).unwrap().rsa.unwrap().flaw, None);
        let above = include_bytes!("../../../../../fuzz/seeds/certificate/logged_issuer");
        assert_eq!(CertificateFacts::read(above).unwrap().rsa, None);
        let curve = include_bytes!("../../../../../fuzz/seeds/certificate/ec");
        assert_eq!(CertificateFacts::read(curve).unwrap().rsa, None);
    }

    #[test]
    fn the_lab_reads_back() {
        let authority = lab::Authority::generate().unwrap();
        let issued =
            authority.issue(&["example.com", "www.example.com"], lab::Chain::Good).unwrap();
        let facts = CertificateFacts::read(&issued.chain[0]).unwrap();
        assert_eq!(facts.names, ["example.com", "www.example.com"]);
        assert_eq!((facts.key, facts.weak_signature), (KeyKind::Ec(256), false));
        assert_eq!((facts.name_count, facts.extended), (Some(2), Some(false)));
        let other = CertificateFacts::read(&issued.chain[1]).unwrap();
        assert!(facts.key_hash.len() == 64 && facts.key_hash != other.key_hash);
        assert!(!facts.is_self_issued() && !facts.is_authority);
        assert!(CertificateFacts::read(&issued.chain[1]).unwrap().is_authority);
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            CertificateFacts::read(&bytes);
            is_for(&bytes, "example.com");
        }
    }
}
