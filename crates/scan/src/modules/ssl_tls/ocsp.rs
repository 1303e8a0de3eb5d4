//! What the issuer says about one certificate when it is asked (OCSP, RFC 6960), and what the server
//! brings along of it (a staple, RFC 6066, section 8).
//!
//! A request goes with GET and without a nonce, so that responders may answer from a cache (RFC
//! 5019). A response counts when it is about this certificate, the issuer signed it or somebody
//! whom the issuer lets sign, and it is in date; that somebody is revoked it says even when it is
//! old.

use base64::Engine;
use model::{SECOND_MS, Timestamp};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use x509_parser::asn1_rs::BitString;
use x509_parser::prelude::*;
use x509_parser::verify::verify_signature;

use super::der::{
    BIT_STRING, Der, ENUMERATED, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, bits,
    tagged, written,
};
use crate::check::{Missing, Seen};

/// Octets of a response that are read; most have one or two thousand.
pub(crate) const MOST_OCTETS: usize = 64 * 1024;
/// Certificates of a response, and statuses, that are looked at.
const MOST_PARTS: usize = 16;
/// How far the responder's clock may be ahead of ours.
const AHEAD_MS: i64 = 10 * 60 * SECOND_MS;
/// How old a response may be that does not say when it ends: as long as the Baseline Requirements
/// let one live (section 4.9.10).
const OLDEST_MS: i64 = 10 * model::DAY_MS;

const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
const OID_SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];
const OID_SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];

/// The extension of a response that holds timestamps of logs: 1.3.6.1.4.1.11129.2.4.5.
const TIMESTAMPS: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5];

/// What the issuer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    Good,
    Revoked { since: Timestamp, reason: Option<String> },
    Unknown,
}

/// What a server staples to its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staple {
    Nothing,
    /// A response that is good and in date.
    Good,
    Revoked {
        since: Timestamp,
        reason: Option<String>,
    },
    /// A response that no client takes, with the reason.
    Useless(String),
}

impl Staple {
    /// Judges what came with a chain; no octets are none.
    pub(super) fn judge(response: &[u8], sent: &[CertificateDer<'_>], now: Timestamp) -> Self {
        if response.is_empty() {
            return Self::Nothing;
        }
        match read(response, sent, now) {
            Ok(Status::Good) => Self::Good,
            Ok(Status::Revoked { since, reason }) => Self::Revoked { since, reason },
            Ok(Status::Unknown) => Self::Useless("its issuer does not know the certificate".into()),
            Err(Missing(why)) => Self::Useless(why),
        }
    }
}

/// Returns the list of timestamps of logs that a response holds, whatever else it is worth.
pub(super) fn timestamps(response: &[u8]) -> Option<&[u8]> {
    let response = Response::parse(response)?.ok()?;
    response.singles.iter().find_map(|single| single.timestamps)
}

/// Returns the URL that asks a responder about the leaf; none when the issuer was not sent.
pub(super) fn url(responder: &str, sent: &[CertificateDer<'_>]) -> Seen<String> {
    let parsed = certificates(sent);
    let (leaf, issuer) = leaf_and_issuer(&parsed)?;
    let request = written(SEQUENCE, &cert_id(leaf, issuer));
    // Request, requestList, TBSRequest, OCSPRequest.
    let request = (0..3).fold(request, |inner, _| written(SEQUENCE, &inner));
    let text = base64::engine::general_purpose::STANDARD.encode(request);
    let text = text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    Ok(format!("{}/{text}", responder.trim_end_matches('/')))
}

/// Returns how a certificate is named in requests; SHA-1 is what every responder knows.
fn cert_id(leaf: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Vec<u8> {
    let hash =
        |octets: &[u8]| written(OCTET_STRING, digest(&SHA1_FOR_LEGACY_USE_ONLY, octets).as_ref());
    let algorithm = [written(OID, OID_SHA1), vec![5, 0]].concat();
    let parts = [
        written(SEQUENCE, &algorithm),
        hash(issuer.subject().as_raw()),
        hash(&issuer.public_key().subject_public_key.data),
        written(INTEGER, leaf.raw_serial()),
    ];
    written(SEQUENCE, &parts.concat())
}

/// Returns how the leaf of a chain is named in requests, for tests.
#[cfg(test)]
pub(super) fn cert_id_of(sent: &[CertificateDer<'_>]) -> Vec<u8> {
    let parsed = certificates(sent);
    cert_id(&parsed[0], &parsed[1])
}

fn certificates<'a>(sent: &'a [CertificateDer<'_>]) -> Vec<X509Certificate<'a>> {
    let parse = |der: &'a CertificateDer<'_>| X509Certificate::from_der(der).ok();
    sent.iter().filter_map(parse).map(|(_, certificate)| certificate).collect()
}

fn leaf_and_issuer<'a, 'c>(
    sent: &'a [X509Certificate<'c>],
) -> Seen<(&'a X509Certificate<'c>, &'a X509Certificate<'c>)> {
    let (leaf, others) =
        sent.split_first().ok_or_else(|| Missing("the certificate cannot be read".to_owned()))?;
    let issuer = others.iter().find(|issuer| issued(leaf, issuer));
    issuer
        .map(|issuer| (leaf, issuer))
        .ok_or_else(|| Missing("the server did not send its issuer's certificate".to_owned()))
}

fn issued(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> bool {
    issuer.subject().as_raw() == certificate.issuer().as_raw()
        && certificate.verify_signature(Some(issuer.public_key())).is_ok()
}

/// Reads what a response says about the leaf of a chain.
pub(crate) fn read(response: &[u8], sent: &[CertificateDer<'_>], now: Timestamp) -> Seen<Status> {
    let missing = |what: &str| Missing(what.to_owned());
    let parsed = certificates(sent);
    let (leaf, issuer) = leaf_and_issuer(&parsed)?;
    let response = Response::parse(response)
        .ok_or_else(|| missing("the OCSP response is none"))?
        .map_err(|status| Missing(format!("the OCSP responder says {status}")))?;
    if !response.is_signed(issuer, now) {
        return Err(missing("the OCSP response is not signed by the issuer"));
    }
    let serial = without_zeros(leaf.raw_serial());
    let found = response.singles.iter().find(|single| {
        let Some(hash) = hash_of(single.algorithm) else { return false };
        let of = |octets: &[u8]| digest(hash, octets);
        without_zeros(single.serial) == serial
            && of(issuer.subject().as_raw()).as_ref() == single.name_hash
            && of(&issuer.public_key().subject_public_key.data).as_ref() == single.key_hash
    });
    let single = found.ok_or_else(|| missing("the OCSP response is for another certificate"))?;
    if let Status::Revoked { .. } = single.status {
        return Ok(single.status.clone());
    }
    let ends = single.next_update.unwrap_or(single.this_update.plus_ms(OLDEST_MS));
    if single.this_update.0 > now.0 + AHEAD_MS {
        return Err(missing("the OCSP response is of the future"));
    }
    match ends < now {
        true => Err(Missing(format!("the OCSP response is out of date since {ends}"))),
        false => Ok(single.status.clone()),
    }
}

fn hash_of(algorithm: &[u8]) -> Option<&'static ring::digest::Algorithm> {
    match algorithm {
        OID_SHA1 => Some(&SHA1_FOR_LEGACY_USE_ONLY),
        OID_SHA256 => Some(&SHA256),
        _ => None,
    }
}

fn without_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    &serial[zeros..]
}

/// A successful response, taken apart (RFC 6960, section 4.2.1).
struct Response<'a> {
    /// What is signed.
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    certificates: Vec<&'a [u8]>,
    singles: Vec<Single<'a>>,
}

/// What it says about one certificate.
struct Single<'a> {
    algorithm: &'a [u8],
    name_hash: &'a [u8],
    key_hash: &'a [u8],
    serial: &'a [u8],
    status: Status,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// A list of timestamps of logs (RFC 6962, section 3.3).
    timestamps: Option<&'a [u8]>,
}

impl<'a> Response<'a> {
    /// Takes a response apart; `Err` says why the responder gives none.
    fn parse(octets: &'a [u8]) -> Option<Result<Self, &'static str>> {
        let mut response = Der(Der(octets).take(SEQUENCE)?);
        let refused = match response.take(ENUMERATED)? {
            [0] => None,
            [1] => Some("malformedRequest"),
            [2] => Some("internalError"),
            [3] => Some("tryLater"),
            [5] => Some("sigRequired"),
            [6] => Some("unauthorized"),
            _ => return None,
        };
        if let Some(refused) = refused {
            return Some(Err(refused));
        }
        let mut octets = Der(Der(response.take(tagged(0))?).take(SEQUENCE)?);
        if octets.take(OID)? != BASIC {
            return None;
        }
        let mut basic = Der(Der(octets.take(OCTET_STRING)?).take(SEQUENCE)?);
        let signed = basic.next()?;
        let algorithm = basic.next()?.whole;
        let signature = bits(basic.take(BIT_STRING)?)?;
        let mut certificates = Der(match basic.take_if(tagged(0)) {
            Some(list) => Der(list).take(SEQUENCE)?,
            None => &[],
        });
        let certificates = std::iter::from_fn(|| certificates.next().map(|value| value.whole));
        let mut data = Der(signed.content);
        data.take_if(tagged(0));
        // Who answers, and when.
        data.next()?;
        data.take(GENERALIZED_TIME)?;
        let mut singles = Der(data.take(SEQUENCE)?);
        let singles = std::iter::from_fn(|| Single::parse(singles.take(SEQUENCE)?));
        Some(Ok(Self {
            signed: signed.whole,
            algorithm,
            signature,
            certificates: certificates.take(MOST_PARTS).collect(),
            singles: singles.take(MOST_PARTS).collect(),
        }))
    }

    /// Returns whether the issuer signed it, or one whom the issuer lets sign (RFC 6960, section
    /// 4.2.2.2).
    fn is_signed(&self, issuer: &X509Certificate<'_>, now: Timestamp) -> bool {
        if self.is_signed_with(issuer.public_key()) {
            return true;
        }
        let time = ASN1Time::from_timestamp(now.0 / SECOND_MS);
        self.certificates.iter().any(|der| {
            let Ok((_, responder)) = X509Certificate::from_der(der) else { return false };
            let usage = responder.extended_key_usage().ok().flatten();
            usage.is_some_and(|usage| usage.value.ocsp_signing)
                && time.as_ref().is_ok_and(|now| responder.validity().is_valid_at(*now))
                && self.is_signed_with(responder.public_key())
                && issued(&responder, issuer)
        })
    }

    fn is_signed_with(&self, key: &SubjectPublicKeyInfo<'_>) -> bool {
        let Ok((_, algorithm)) = AlgorithmIdentifier::from_der(self.algorithm) else {
            return false;
        };
        verify_signature(key, &algorithm, &BitString::new(0, self.signature), self.signed).is_ok()
    }
}

impl<'a> Single<'a> {
    fn parse(octets: &'a [u8]) -> Option<Self> {
        let mut single = Der(octets);
        let mut id = Der(single.take(SEQUENCE)?);
        let algorithm = Der(id.take(SEQUENCE)?).take(OID)?;
        let (name_hash, key_hash) = (id.take(OCTET_STRING)?, id.take(OCTET_STRING)?);
        let serial = id.take(INTEGER)?;
        let said = single.next()?;
        let status = match said.tag {
            0x80 => Status::Good,
            0xa1 => {
                let mut revoked = Der(said.content);
                let since = time(revoked.take(GENERALIZED_TIME)?)?;
                let reason = revoked.take_if(tagged(0)).and_then(|it| Der(it).take(ENUMERATED));
                let reason = reason.and_then(|code| match code {
                    [code] => Some(ReasonCode(*code).to_string()),
                    _ => None,
                });
                Status::Revoked { since, reason }
            }
            0x82 => Status::Unknown,
            _ => return None,
        };
        let this_update = time(single.take(GENERALIZED_TIME)?)?;
        let next_update = match single.take_if(tagged(0)) {
            Some(next) => Some(time(Der(next).take(GENERALIZED_TIME)?)?),
            None => None,
        };
        let mut extensions = Der(match single.take_if(tagged(1)) {
            Some(extensions) => Der(extensions).take(SEQUENCE)?,
            None => &[],
        });
        let timestamps = std::iter::from_fn(|| extensions.take(SEQUENCE)).find_map(|extension| {
            let mut extension = Der(extension);
            (extension.take(OID)? == TIMESTAMPS).then_some(())?;
            Der(extension.take(OCTET_STRING)?).take(OCTET_STRING)
        });
        Some(Self {
            algorithm,
            name_hash,
            key_hash,
            serial,
            status,
            this_update,
            next_update,
            timestamps,
        })
    }
}

/// Reads `20261102100000Z`.
fn time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii() && text.len() == 15)?;
    let (date, time) = text.strip_suffix('Z')?.split_at(8);
    Timestamp::parse(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        &date[..4],
        &date[4..6],
        &date[6..],
        &time[..2],
        &time[2..4],
        &time[4..]
    ))
}

#[cfg(test)]
mod tests {
    use lab::{Authority, OcspSigner, OcspStatus};

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the lab's responses are valid today")]
    fn now() -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }

    /// An authority, a chain of it, and how the leaf is asked about.
    fn asked() -> (Authority, Vec<CertificateDer<'static>>, Vec<u8>) {
        let authority = Authority::generate().unwrap();
        let sent = authority.issue_asked(&["example.com"], "http://ocsp.test", None).unwrap().chain;
        let id = cert_id_of(&sent);
        (authority, sent, id)
    }

    #[test]
    fn the_issuer_tells_who_is_revoked() {
        let (authority, sent, id) = asked();
        let said = |status, signer| {
            read(&authority.ocsp_response(&id, status, signer).unwrap(), &sent, now())
        };
        assert_eq!(said(OcspStatus::Good, OcspSigner::Issuer), Ok(Status::Good));
        assert_eq!(said(OcspStatus::Good, OcspSigner::Delegate), Ok(Status::Good));
        assert_eq!(said(OcspStatus::Unknown, OcspSigner::Issuer), Ok(Status::Unknown));
        let revoked = said(OcspStatus::Revoked, OcspSigner::Delegate).unwrap();
        assert!(
            matches!(&revoked, Status::Revoked { reason: Some(reason), since }
                if reason == "KeyCompromise" && *since < now()),
            "{revoked:?}"
        );
    }

    #[test]
    fn what_somebody_else_says_is_not_heard() {
        let (authority, sent, id) = asked();
        let response = |authority: &Authority, id: &[u8], signer| {
            let response = authority.ocsp_response(id, OcspStatus::Revoked, signer).unwrap();
            read(&response, &sent, now()).unwrap_err().0
        };
        let stranger = Authority::generate().unwrap();
        for (who, signer) in [
            (&authority, OcspSigner::Server),
            (&stranger, OcspSigner::Issuer),
            (&stranger, OcspSigner::Delegate),
        ] {
            let why = response(who, &id, signer);
            assert_eq!(why, "the OCSP response is not signed by the issuer", "{signer:?}");
        }
        let mut other = id.clone();
        *other.last_mut().unwrap() ^= 1;
        assert_eq!(
            response(&authority, &other, OcspSigner::Issuer),
            "the OCSP response is for another certificate"
        );
        let refusal = read(&[0x30, 3, 0x0a, 1, 3], &sent, now()).unwrap_err();
        assert_eq!(refusal.0, "the OCSP responder says tryLater");
        assert_eq!(read(b"<html>", &sent, now()).unwrap_err().0, "the OCSP response is none");
        assert_eq!(
            read(&[], &sent[..1], now()).unwrap_err().0,
            "the server did not send its issuer's certificate"
        );
    }

    #[test]
    fn an_old_response_clears_nobody_but_still_accuses() {
        let (authority, sent, id) = asked();
        let at = |status, days: i64| {
            let response = authority.ocsp_response(&id, status, OcspSigner::Issuer).unwrap();
            read(&response, &sent, now().plus_ms(days * model::DAY_MS))
        };
        assert!(at(OcspStatus::Good, 5).is_ok());
        let old = at(OcspStatus::Good, 7).unwrap_err().0;
        assert!(old.starts_with("the OCSP response is out of date since "), "{old}");
        assert_eq!(at(OcspStatus::Good, -2).unwrap_err().0, "the OCSP response is of the future");
        assert!(matches!(at(OcspStatus::Revoked, 7), Ok(Status::Revoked { .. })));
    }

    #[test]
    fn what_openssl_answers_is_understood() {
        let seed = |der: &'static [u8]| CertificateDer::from(der);
        let sent = [
            seed(include_bytes!("../../../../../fuzz/seeds/certificate/asked_by_ocsp")),
            seed(include_bytes!("../../../../../fuzz/seeds/certificate/authority")),
        ];
        let then = Timestamp::parse("2026-11-26T00:00:00Z").unwrap();
        let good = include_bytes!("../../../../../fuzz/seeds/ocsp_response/good");
        assert_eq!(read(good, &sent, then), Ok(Status::Good));
        let other = include_bytes!("../../../../../fuzz/seeds/ocsp_response/revoked");
        assert_eq!(
            read(other, &sent, then).unwrap_err().0,
            "the OCSP response is for another certificate"
        );
    }

    #[test]
    fn a_request_is_a_url() {
        let (_, sent, _) = asked();
        let url = url("http://ocsp.test/", &sent).unwrap();
        let request = url.strip_prefix("http://ocsp.test/").unwrap().replace("%2B", "+");
        let request = request.replace("%2F", "/").replace("%3D", "=");
        let request = base64::engine::general_purpose::STANDARD.decode(request).unwrap();
        // SEQUENCE four times, then the SHA-1 algorithm of the CertID.
        assert_eq!((request[0], request[2], request[4], request[6]), (0x30, 0x30, 0x30, 0x30));
        assert!(request.len() < 255 && request.windows(5).any(|part| part == OID_SHA1));
    }

    #[test]
    fn a_staple_is_judged_as_a_client_would() {
        let (authority, sent, id) = asked();
        let response = |status| authority.ocsp_response(&id, status, OcspSigner::Issuer).unwrap();
        let judge = |response: &[u8]| Staple::judge(response, &sent, now());
        assert_eq!(judge(&[]), Staple::Nothing);
        assert_eq!(judge(&response(OcspStatus::Good)), Staple::Good);
        assert!(matches!(judge(&response(OcspStatus::Revoked)), Staple::Revoked { .. }));
        assert!(matches!(judge(&response(OcspStatus::Unknown)), Staple::Useless(_)));
        assert_eq!(judge(&[1]), Staple::Useless("the OCSP response is none".to_owned()));
    }
}
