//! Whether a root vouches for a chain, apart from names and dates (RFC 5280, section 6).

use std::time::Duration;

use model::{SECOND_MS, Timestamp};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::{Deserialize, Serialize};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::certificate::CertificateFacts;

/// What path building came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    Trusted,
    /// The leaf vouches for itself.
    SelfSigned,
    /// The issuer of the last certificate was not sent and is no root: clients that do not have it
    /// from elsewhere cannot build a path. The issuer's name.
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
        Err(Error::UnknownIssuer) => unknown_issuer(facts),
        Err(error) => Trust::Untrusted(reason(&error)),
    }
}

/// Tells a missing intermediate from a root nobody trusts.
fn unknown_issuer(facts: &[CertificateFacts]) -> Trust {
    let mut top = &facts[0];
    // Climb as far as the sent certificates reach.
    for _ in 0..facts.len() {
        match facts.iter().find(|other| other.subject == top.issuer && *other != top) {
            Some(issuer) if !top.is_self_issued() => top = issuer,
            _ => break,
        }
    }
    // Nothing but the leaf was sent, or public logs hold it, which take what ends in a public root:
    // most likely somebody forgot the rest.
    let forgotten = top == &facts[0] || facts[0].has_sct;
    match top.is_self_issued() {
        true => Trust::Untrusted(format!("the root `{}` is not trusted", top.subject)),
        false if forgotten => Trust::Incomplete(top.issuer.clone()),
        false => Trust::Untrusted(format!("the issuer `{}` is not trusted", top.issuer)),
    }
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
        assert_eq!(unknown_issuer(&sent(true)), Trust::Incomplete("CN=Second".to_owned()));
        assert!(matches!(unknown_issuer(&sent(false)), Trust::Untrusted(_)));
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
