//! Whether a root vouches for a chain, apart from names and dates (RFC 5280, section 6).

use std::time::Duration;

use model::{SECOND_MS, Timestamp};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::{Deserialize, Serialize};
use webpki::{EndEntityCert, Error, KeyUsage};
use x509_parser::prelude::*;

use super::certificate::CertificateFacts;
use super::der::{SEQUENCE, written};

/// What path building came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    Trusted,
    /// The leaf vouches for itself.
    SelfSigned,
    /// The issuer of the last certificate was not sent and is no root, but most likely stands below
    /// one: clients that do not have it from elsewhere cannot build a path. The issuer's name.
    Incomplete(String),
    /// A path ends in a root nobody trusts, or breaks, with the reason.
    Untrusted(String),
}

/// Builds a path from the leaf to one of `roots` with the certificates that were sent, in any
/// order. Dates of the leaf are judged elsewhere: when it is not valid at `now`, the path is built
/// for the middle of its validity.
pub fn judge(
    chain: &[CertificateDer<'_>],
    facts: &[CertificateFacts],
    roots: &[TrustAnchor<'_>],
    now: Timestamp,
) -> Trust {
    let (Some(leaf), Some(leaf_facts)) = (chain.first(), facts.first()) else {
        return Trust::Untrusted("the server sent no certificate".to_owned());
    };
    let verified = EndEntityCert::try_from(leaf).and_then(|leaf| {
        let within = (leaf_facts.not_before..=leaf_facts.not_after).contains(&now);
        let middle = leaf_facts.not_before.0 / 2 + leaf_facts.not_after.0 / 2;
        let time = if within { now.0 } else { middle };
        let seconds = u64::try_from(time / SECOND_MS).unwrap_or(0);
        leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            roots,
            &chain[1..],
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map(drop)
    });
    match verified {
        Ok(()) => Trust::Trusted,
        Err(Error::UnknownIssuer | Error::CaUsedAsEndEntity) if leaf_facts.is_self_issued() => {
            Trust::SelfSigned
        }
        Err(Error::UnknownIssuer) => unknown_issuer(chain, facts, roots),
        Err(error) => Trust::Untrusted(reason(&error)),
    }
}

/// Tells a missing intermediate from a root nobody trusts.
fn unknown_issuer(
    chain: &[CertificateDer<'_>],
    facts: &[CertificateFacts],
    roots: &[TrustAnchor<'_>],
) -> Trust {
    let mut top = &facts[0];
    // Climb as far as the sent certificates reach.
    for _ in 0..facts.len() {
        match facts.iter().find(|other| other.subject == top.issuer && *other != top) {
            Some(issuer) if !top.is_self_issued() => top = issuer,
            _ => break,
        }
    }
    match top.is_self_issued() {
        true => Trust::Untrusted(format!("the root `{}` is not trusted", top.subject)),
        false if has_trusted_root(chain, facts, top, roots) => {
            Trust::Incomplete(top.issuer.clone())
        }
        false => Trust::Untrusted(format!("the issuer `{}` is not trusted", top.issuer)),
    }
}

/// Decides whether the issuer of `top`, which was not sent, most likely stands below a trusted root:
/// public logs hold the leaf, and they take only what does, or the issuer is of an organisation
/// that has such a root. An address to fetch the issuer from proves nothing: private authorities name
/// theirs as well.
fn has_trusted_root(
    chain: &[CertificateDer<'_>],
    facts: &[CertificateFacts],
    top: &CertificateFacts,
    roots: &[TrustAnchor<'_>],
) -> bool {
    if facts[0].has_sct {
        return true;
    }
    let Some(issuer) = chain.iter().find_map(|der| {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let is_top = CertificateFacts::read(der).is_some_and(|facts| facts == *top);
        is_top.then(|| organisations(certificate.issuer()))
    }) else {
        return false;
    };
    roots.iter().any(|root| {
        let name = written(SEQUENCE, &root.subject);
        X509Name::from_der(&name)
            .is_ok_and(|(_, name)| organisations(&name).iter().any(|one| issuer.contains(one)))
    })
}

fn organisations(name: &X509Name<'_>) -> Vec<String> {
    let all = name.iter_organization().filter_map(|one| one.as_str().ok());
    all.map(|one| one.trim().to_lowercase()).filter(|one| !one.is_empty()).collect()
}

fn reason(error: &Error) -> String {
    match error {
        Error::CertExpired { .. } => "an intermediate certificate has expired".to_owned(),
        Error::CertNotValidYet { .. } => "an intermediate certificate is not valid yet".to_owned(),
        Error::RequiredEkuNotFoundContext(_) => "the certificate is not for servers".to_owned(),
        other => format!("the path cannot be verified: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::{Authority, Chain};

    const DAY: i64 = model::DAY_MS;

    #[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
    fn now() -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }

    fn judged(chain: Chain) -> Trust {
        let authority = Authority::generate().unwrap();
        let issued = authority.issue(&["example.com"], chain).unwrap();
        let facts: Vec<_> =
            issued.chain.iter().map(|der| CertificateFacts::read(der).unwrap()).collect();
        let root = authority.root_der();
        let roots = [webpki::anchor_from_trusted_cert(&root).unwrap()];
        judge(&issued.chain, &facts, &roots, now().plus_ms(-DAY / 2))
    }

    #[test]
    fn dates_and_names_do_not_decide_trust() {
        for chain in
            [Chain::Good, Chain::Expired, Chain::NotYetValid, Chain::WrongName, Chain::Misordered]
        {
            assert_eq!(judged(chain), Trust::Trusted, "{chain:?}");
        }
    }

    /// What a leaf that comes without its issuer is worth.
    fn alone(chain: Chain) -> Trust {
        let authority = Authority::generate().unwrap();
        let issued = authority.issue(&["example.com"], chain).unwrap();
        let facts = [CertificateFacts::read(&issued.chain[0]).unwrap()];
        let root = authority.root_der();
        let roots = [webpki::anchor_from_trusted_cert(&root).unwrap()];
        judge(&issued.chain[..1], &facts, &roots, now().plus_ms(-DAY / 2))
    }

    #[test]
    fn a_lone_leaf_is_incomplete_only_below_a_known_authority() {
        assert!(matches!(alone(Chain::Good), Trust::Incomplete(_)));
        assert!(
            matches!(alone(Chain::UntrustedRoot), Trust::Untrusted(why) if why.contains("Stranger Root"))
        );
    }

    #[test]
    fn a_logged_certificate_has_a_public_root() {
        let named = |subject: &str, issuer: &str, has_sct| CertificateFacts {
            subject: subject.to_owned(),
            issuer: issuer.to_owned(),
            has_sct,
            ..CertificateFacts::plain("example.com")
        };
        let sent = |has_sct| {
            [named("CN=Leaf", "CN=Third", has_sct), named("CN=Third", "CN=Second", false)]
        };
        let judge = |has_sct| unknown_issuer(&[], &sent(has_sct), &[]);
        assert_eq!(judge(true), Trust::Incomplete("CN=Second".to_owned()));
        assert!(matches!(judge(false), Trust::Untrusted(_)));
    }

    #[test]
    fn tells_the_ways_of_no_trust_apart() {
        assert_eq!(judged(Chain::SelfSigned), Trust::SelfSigned);
        assert!(
            matches!(judged(Chain::MissingIntermediate), Trust::Incomplete(issuer) if issuer.contains("Lab Intermediate"))
        );
        assert!(
            matches!(judged(Chain::UntrustedRoot), Trust::Untrusted(reason) if reason.contains("Stranger Root"))
        );
    }
}
