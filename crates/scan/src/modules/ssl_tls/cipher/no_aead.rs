use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::hello::TLS12;
use crate::modules::ssl_tls::wire::suites::{Trait, has};
use crate::modules::ssl_tls::{at_every_address, none_unseen, reached};

pub(super) const CHECK: Check = Check {
    id: "cipher.no-aead",
    title: "TLS 1.2 is offered without an AEAD suite",
    severity: Severity::Medium,
    group: Group::Tls,
    standard: "RFC 9325, section 4.2",
    why: "Authenticated encryption is what the standards recommend; without it only CBC and \
          older suites remain.",
    fix: "Offer the ECDHE suites with AES-GCM and ChaCha20-Poly1305.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let suites = reached(evidence)?.suites(TLS12)?;
    if suites.is_empty() {
        return Ok(Verdict::NotApplicable("TLS 1.2 is not offered"));
    }
    if suites.iter().any(|suite| has(*suite, Trait::Aead)) {
        return Ok(Verdict::Pass);
    }
    none_unseen(evidence, |suite| has(suite, Trait::Aead))?;
    Ok(Verdict::Fail(format!("none of {} suites is AEAD", suites.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn one_aead_suite_is_enough() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.versions[3].suites = Ok(vec![0x002f]))),
            "fail: none of 1 suites is AEAD"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.versions[3].suites = Ok(vec![]))),
            "not applicable: TLS 1.2 is not offered"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
