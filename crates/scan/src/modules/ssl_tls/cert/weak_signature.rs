use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.weak-signature",
    title: "The certificate is signed with a broken hash",
    severity: Severity::High,
    group: Group::Certificate,
    standard: "CA/Browser Forum BR 7.1.3",
    why: "Certificates with MD5 or SHA-1 can be forged, and browsers refuse them.",
    fix: "Issue a new certificate; authorities sign with SHA-256 or better.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    let weak = std::iter::once(leaf)
        .chain(
            chain.certificates.iter().skip(1).filter(|certificate| !certificate.is_self_issued()),
        )
        .find(|certificate| certificate.weak_signature);
    Ok(weak.map_or(Verdict::Pass, |certificate| {
        Verdict::Fail(format!("`{}` is signed with {}", certificate.subject, certificate.signature))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::with_leaf;

    #[test]
    fn signatures_hold() {
        let weak = with_leaf(|leaf| {
            leaf.weak_signature = true;
            leaf.signature = "sha1WithRSAEncryption".to_owned();
        });
        assert_eq!(
            judged(&CHECK, &weak),
            "fail: `CN=example.com` is signed with sha1WithRSAEncryption"
        );
        assert_eq!(judged(&CHECK, &with_leaf(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
