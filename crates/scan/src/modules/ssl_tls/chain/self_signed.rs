use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::trust::Trust;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "chain.self-signed",
    title: "The certificate vouches for itself",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Certificate,
    standard: "RFC 5280, section 6.1",
    why: "Nobody can tell the certificate from one an attacker made. Browsers show a warning \
          instead of the site.",
    fix: "Get a certificate from a public authority; ACME authorities give them for free.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (_, chain) = leaf(evidence)?;
    Ok(match &chain.trust {
        Trust::SelfSigned => Verdict::Fail("the leaf is its own issuer".to_owned()),
        _ => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn judges_the_path() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.chain.as_mut().unwrap().trust = Trust::SelfSigned)),
            "fail: the leaf is its own issuer"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
