//! What logs signed for a certificate (Signed Certificate Timestamps, RFC 6962, section 3): in the
//! certificate, in the handshake, in the stapled OCSP response. Each is verified with the key of its
//! log, as the operator's `log_list` has it.
//!
//! What a log signs for a timestamp inside the certificate is the certificate without it: the
//! extension is cut out of the encoding as it is, nothing is written anew but lengths.

use model::{SECOND_MS, Timestamp};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use x509_parser::prelude::*;

use super::der::{BIT_STRING, Der, OCTET_STRING, OID, SEQUENCE, bits, tagged, written};
use super::log_list::{self, Logs, State};
use super::ocsp;
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Timestamps that are looked at.
const MOST_TIMESTAMPS: usize = 16;
/// How far a log's clock may be ahead of ours.
const AHEAD_MS: i64 = 10 * 60 * SECOND_MS;
/// The extension of a certificate that holds timestamps: 1.3.6.1.4.1.11129.2.4.2.
const EXTENSION: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];

/// What one log signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTimestamp {
    /// What the log is called, or the beginning of its id when it is not in the list.
    pub log: String,
    /// Who runs it, when that is known.
    pub operator: Option<String>,
    pub came: Came,
    pub at: Timestamp,
    pub standing: Standing,
}

#[cfg(test)]
impl LogTimestamp {
    /// One of a certificate, for tests.
    pub(super) fn of(log: &str, operator: &str, standing: Standing) -> Self {
        Self {
            log: log.to_owned(),
            operator: Some(operator.to_owned()),
            came: Came::InCertificate,
            at: Timestamp(20_727 * model::DAY_MS),
            standing,
        }
    }
}

/// How a timestamp came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    InCertificate,
    InHandshake,
    InStaple,
}

/// What a timestamp is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It holds, and browsers accept the log.
    Accepted,
    /// It holds, and browsers accepted the log until after it was signed.
    Retired,
    /// Browsers do not accept the log, or no longer did when it was signed.
    NotAccepted,
    /// The log is not in the list.
    UnknownLog,
    /// The signature is not the log's.
    Forged,
    /// It was signed after the scan.
    OfTheFuture,
}

/// Where timestamps may be, besides the certificate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// The list that a ServerHello had (RFC 6962, section 3.3.1).
    pub(super) handshake: &'a [u8],
    /// The OCSP response that was stapled.
    pub(super) staple: &'a [u8],
}

/// Verifies all timestamps of a leaf.
///
/// # Errors
///
/// [`Missing`] when there are some and no list of logs that tells of them.
pub(super) async fn look(
    net: &Net,
    sent: &[CertificateDer<'_>],
    beside: Beside<'_>,
) -> Seen<Vec<LogTimestamp>> {
    let found = find(sent, beside)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let logs = log_list::load(net.providers().ct_log_list.as_deref(), net.now()).await?;
    Ok(found.iter().map(|(came, one)| one.judge(*came, sent, &logs, net.now())).collect())
}

/// Finds the timestamps of a leaf.
fn find<'a>(sent: &'a [CertificateDer<'_>], beside: Beside<'a>) -> Seen<Vec<(Came, Signed<'a>)>> {
    let leaf = sent.first().ok_or_else(|| Missing("the server sent no certificate".to_owned()))?;
    let lists = [
        (Came::InCertificate, embedded(leaf).unwrap_or_default()),
        (Came::InHandshake, beside.handshake),
        (Came::InStaple, ocsp::timestamps(beside.staple).unwrap_or_default()),
    ];
    let all = lists.into_iter().flat_map(|(came, list)| {
        parse(list).unwrap_or_default().into_iter().map(move |one| (came, one))
    });
    Ok(all.take(MOST_TIMESTAMPS).collect())
}

/// Drives the parsers with a list that came in a handshake, for `foreign`.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn drive(list: &[u8], sent: &[CertificateDer<'_>], now: Timestamp) {
    let beside = Beside { handshake: list, staple: list };
    let mut logs = Logs::new();
    for (came, one) in find(sent, beside).unwrap_or_default() {
        let log = log_list::Log {
            operator: String::new(),
            description: String::new(),
            key: list.to_vec(),
            state: State::Current,
        };
        logs.insert(one.log.to_vec(), log);
        one.judge(came, sent, &logs, now);
    }
}

/// One timestamp as it is written (RFC 6962, section 3.2).
#[derive(Debug, Clone, Copy)]
struct Signed<'a> {
    log: &'a [u8],
    at: u64,
    extensions: &'a [u8],
    algorithm: [u8; 2],
    signature: &'a [u8],
}

impl Signed<'_> {
    fn judge(
        &self,
        came: Came,
        sent: &[CertificateDer<'_>],
        logs: &Logs,
        now: Timestamp,
    ) -> LogTimestamp {
        let at = Timestamp(i64::try_from(self.at).unwrap_or(i64::MAX));
        let Some(log) = logs.get(self.log) else {
            let id = self.log.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
            return LogTimestamp {
                log: id,
                operator: None,
                came,
                at,
                standing: Standing::UnknownLog,
            };
        };
        let holds = self.holds(came, sent, &log.key).unwrap_or(false);
        let standing = match log.state {
            _ if !holds => Standing::Forged,
            _ if at.0 > now.0.saturating_add(AHEAD_MS) => Standing::OfTheFuture,
            State::Current => Standing::Accepted,
            State::Retired(since) if at < since => Standing::Retired,
            State::Retired(_) | State::Other => Standing::NotAccepted,
        };
        LogTimestamp {
            log: log.description.clone(),
            operator: Some(log.operator.clone()),
            came,
            at,
            standing,
        }
    }

    /// Says whether the signature is that of a key, given as SubjectPublicKeyInfo.
    fn holds(&self, came: Came, sent: &[CertificateDer<'_>], key: &[u8]) -> Option<bool> {
        let mut key = Der(Der(key).take(SEQUENCE)?);
        key.next()?;
        let key = bits(key.take(BIT_STRING)?)?;
        let algorithm: &dyn VerificationAlgorithm = match self.algorithm {
            [4, 3] => &ECDSA_P256_SHA256_ASN1,
            [4, 1] => &RSA_PKCS1_2048_8192_SHA256,
            _ => return None,
        };
        let entry = match came {
            Came::InCertificate => {
                let issuer = issuer_key_hash(sent)?;
                [&[0, 1][..], &issuer, &with_length(&without_timestamps(sent.first()?)?)?].concat()
            }
            Came::InHandshake | Came::InStaple => {
                [&[0, 0][..], &with_length(sent.first()?)?].concat()
            }
        };
        // Version 1, of the kind `certificate_timestamp`.
        let mut signed = vec![0, 0];
        signed.extend(self.at.to_be_bytes());
        signed.extend(entry);
        signed.extend(u16::try_from(self.extensions.len()).ok()?.to_be_bytes());
        signed.extend(self.extensions);
        Some(UnparsedPublicKey::new(algorithm, key).verify(&signed, self.signature).is_ok())
    }
}

/// Puts the length, three octets, in front.
fn with_length(octets: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(octets.len()).ok().filter(|length| *length < 1 << 24)?;
    Some([&length.to_be_bytes()[1..], octets].concat())
}

/// Returns the hash of the leaf's issuer's key.
fn issuer_key_hash(sent: &[CertificateDer<'_>]) -> Option<[u8; 32]> {
    let (leaf, others) = sent.split_first()?;
    let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
    others.iter().find_map(|der| {
        let (_, issuer) = X509Certificate::from_der(der).ok()?;
        let issued = issuer.subject().as_raw() == leaf.issuer().as_raw();
        issued.then(|| Sha256::digest(issuer.public_key().raw).into())
    })
}

/// Returns the list that a certificate holds.
fn embedded(certificate: &[u8]) -> Option<&[u8]> {
    let mut tbs = Der(Der(Der(certificate).take(SEQUENCE)?).take(SEQUENCE)?);
    let mut extensions = loop {
        let value = tbs.next()?;
        if value.tag == tagged(3) {
            break Der(Der(value.content).take(SEQUENCE)?);
        }
    };
    loop {
        let mut extension = Der(extensions.take(SEQUENCE)?);
        if extension.take(OID)? == EXTENSION {
            // Twice: once as every extension is, once as RFC 6962, section 3.3, has it.
            return Der(extension.take(OCTET_STRING)?).take(OCTET_STRING);
        }
    }
}

/// Returns what logs saw before they signed: the inner part of a certificate without timestamps.
fn without_timestamps(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut tbs = Der(Der(Der(certificate).take(SEQUENCE)?).take(SEQUENCE)?);
    let mut kept = Vec::new();
    while let Some(value) = tbs.next() {
        if value.tag != tagged(3) {
            kept.extend(value.whole);
            continue;
        }
        let mut extensions = Der(Der(value.content).take(SEQUENCE)?);
        let mut others = Vec::new();
        while let Some(extension) = extensions.next() {
            if Der(extension.content).take(OID)? != EXTENSION {
                others.extend(extension.whole);
            }
        }
        if !others.is_empty() {
            kept.extend(written(tagged(3), &written(SEQUENCE, &others)));
        }
    }
    Some(written(SEQUENCE, &kept))
}

/// Reads a list of timestamps (RFC 6962, section 3.3); of versions that nobody knows nothing is kept.
fn parse(list: &[u8]) -> Option<Vec<Signed<'_>>> {
    let mut list = Octets(Octets(list).with_length()?);
    let mut found = Vec::new();
    while !list.0.is_empty() {
        let mut one = Octets(list.with_length()?);
        if one.take(1)? != [0] {
            continue;
        }
        let log = one.take(32)?;
        let at = u64::from_be_bytes(one.take(8)?.try_into().ok()?);
        let extensions = one.with_length()?;
        let algorithm = one.take(2)?.try_into().ok()?;
        let signature = one.with_length()?;
        found.push(Signed { log, at, extensions, algorithm, signature });
    }
    Some(found)
}

struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    /// Takes what two octets say the length of.
    fn with_length(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Providers;
    use crate::net::Shared;
    use crate::settings::Settings;

    /// Four logs of the years 2017 and 2019, with the keys that Google's list had.
    const LIST: &str = r#"{"log_list_timestamp": "2026-11-20T13:00:00Z", "operators": [
        {"name": "Google", "logs": [
            {"description": "Pilot", "log_id": "pLkJkLQYWBSHuxOizGdwCjw1mAT5G9+443fNDsgN3BA=",
             "key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfahLEimAoz2t01p3uMziiLOl/fHTDM0YDOhBRuiBARsV4UvxG2LdNgoIGLrtCzWE0J5APC2em4JlvR8EEEFMoA==",
             "state": {"rejected": {"timestamp": "2020-01-01T00:00:00Z"}}},
            {"description": "Icarus", "log_id": "KTxRllTIOWW6qlD8WAfUt2+/WHopctykwwz05UVH9Hg=",
             "key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETtK8v7MICve56qTHHDhhBOuV4IlUaESxZryCfk9QbG9co/CqPvTsgPDbCpp6oFtyAHwlDhnvr7JijXRD9Cb2FA==",
             "state": {"retired": {"timestamp": "2020-01-01T00:00:00Z"}}}]},
        {"name": "Sectigo", "logs": [
            {"description": "Mammoth", "log_id": "b1N2rDHwMRnYmQCkURX/dxUcEdkCwQApBo2yCJo32RM=",
             "key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7+R9dC4VFbbpuyOL+yy14ceAmEf7QGlo/EmtYU6DRzwat43f/3swtLr/L8ugFOOt1YU/RFmMjGCL17ixv66MZw==",
             "state": {"usable": {"timestamp": "2018-01-01T00:00:00Z"}}}]}]}"#;

    fn certificate(der: &'static [u8]) -> CertificateDer<'static> {
        CertificateDer::from(der)
    }

    /// A certificate of Let's Encrypt of 2019 with its issuer's.
    fn logged() -> [CertificateDer<'static>; 2] {
        [
            certificate(include_bytes!("../../../../../fuzz/seeds/certificate/logged")),
            certificate(include_bytes!("../../../../../fuzz/seeds/certificate/logged_issuer")),
        ]
    }

    async fn looked(
        list: Option<&str>,
        sent: &[CertificateDer<'_>],
        handshake: &[u8],
        at: &str,
    ) -> Seen<Vec<LogTimestamp>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log_list.json");
        let ct_log_list = list.map(|list| {
            std::fs::write(&path, list).unwrap();
            path
        });
        let resolver = Some(([127, 0, 0, 1], 9).into());
        let providers = Providers { ct_log_list, ..Providers::default() };
        let settings = Settings { resolver, providers, ..Settings::default() };
        let now = Timestamp::parse(at).unwrap();
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now);
        look(&net, sent, Beside { handshake, staple: &[] }).await
    }

    fn standings(all: &[LogTimestamp]) -> Vec<(&str, Standing)> {
        all.iter().map(|one| (one.log.as_str(), one.standing)).collect()
    }

    #[tokio::test]
    async fn timestamps_inside_a_real_certificate_hold() {
        let seen = looked(Some(LIST), &logged(), &[], "2026-11-25T00:00:00Z").await.unwrap();
        assert_eq!(
            standings(&seen),
            [("Icarus", Standing::Retired), ("Mammoth", Standing::Accepted)]
        );
        assert_eq!(seen[1].operator.as_deref(), Some("Sectigo"));
        assert_eq!(seen[0].at.to_string(), "2019-07-12T12:12:30.834Z");
        // They were signed in the year after.
        let early = looked(Some(LIST), &logged(), &[], "2018-07-12T00:00:00Z").await.unwrap();
        assert!(early.iter().all(|one| one.standing == Standing::OfTheFuture), "{early:?}");
    }

    #[tokio::test]
    async fn timestamps_of_another_issuer_or_log_do_not_hold() {
        let [leaf, issuer] = logged();
        let alone = looked(Some(LIST), std::slice::from_ref(&leaf), &[], "2026-11-25T00:00:00Z")
            .await
            .unwrap();
        assert!(alone.iter().all(|one| one.standing == Standing::Forged), "{alone:?}");
        let mut changed = leaf.to_vec();
        let name = changed.windows(5).rposition(|part| part == b"lists").unwrap();
        changed[name] = b'm';
        let sent = [CertificateDer::from(changed), issuer.clone()];
        let forged = looked(Some(LIST), &sent, &[], "2026-11-25T00:00:00Z").await.unwrap();
        assert!(forged.iter().all(|one| one.standing == Standing::Forged), "{forged:?}");
        let unknown = LIST.replace("KTxRllTIOWW6", "KTxRllTIOWW7");
        let seen = looked(Some(&unknown), &[leaf, issuer], &[], "2026-11-25T00:00:00Z").await;
        let seen = seen.unwrap();
        assert_eq!(standings(&seen)[0], ("293c519654c83965", Standing::UnknownLog));
        assert_eq!(seen[0].operator, None);
    }

    #[tokio::test]
    async fn timestamps_of_a_handshake_are_for_the_whole_certificate() {
        let list = include_bytes!("../../../../../fuzz/seeds/timestamp_list/google");
        let leaf = include_bytes!("../../../../../fuzz/seeds/certificate/logged_beside");
        let sent = [certificate(leaf)];
        let seen = looked(Some(LIST), &sent, list, "2026-11-25T00:00:00Z").await.unwrap();
        assert_eq!(
            standings(&seen),
            [("Pilot", Standing::NotAccepted), ("ddeb1d2b7a0d4fa6", Standing::UnknownLog)]
        );
        assert_eq!(seen[0].came, Came::InHandshake);
        let other = looked(Some(LIST), &logged()[..1], list, "2026-11-25T00:00:00Z").await.unwrap();
        assert_eq!(other[2].standing, Standing::Forged);
    }

    #[tokio::test]
    async fn without_a_list_nothing_is_known_of_timestamps() {
        let missing = looked(None, &logged(), &[], "2026-11-25T00:00:00Z").await.unwrap_err();
        assert!(Missing::is_not_configured(&missing.0), "{missing}");
        let none = looked(None, &logged()[1..], &[], "2026-11-25T00:00:00Z").await;
        assert_eq!(none, Ok(Vec::new()));
    }

    #[test]
    fn what_logs_saw_has_no_timestamps() {
        let [leaf, _] = logged();
        let inner = without_timestamps(&leaf).unwrap();
        assert!(embedded(&leaf).is_some() && inner.len() < leaf.len() - 250);
        assert!(!inner.windows(EXTENSION.len()).any(|part| part == EXTENSION));
        assert_eq!((embedded(b"<html>"), without_timestamps(b"<html>")), (None, None));
        assert!(parse(&[0, 3, 0, 1, 1]).unwrap().is_empty() && parse(&[0, 3, 0, 9, 0]).is_none());
    }
}
