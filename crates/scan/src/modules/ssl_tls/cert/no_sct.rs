use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.no-sct",
    title: "The certificate is in no public log",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "RFC 9162, section 4.8",
    why: "Browsers demand proof that a public certificate was logged, so that a forged one \
          would be noticed. Without it they refuse the certificate.",
    fix: "Issue a new certificate from an authority that logs it.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    if !chain.public {
        return Ok(Verdict::NotApplicable("no public root vouches for the certificate"));
    }
    let by_extension = evidence.tls()?.features.is_some_and(|features| features.timestamps);
    Ok(Verdict::fail_if(!leaf.has_sct && !by_extension, || {
        "it holds no signed certificate timestamps".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, with_leaf};

    #[test]
    fn a_public_certificate_is_logged() {
        assert_eq!(
            judged(&CHECK, &with_leaf(|leaf| leaf.has_sct = false)),
            "fail: it holds no signed certificate timestamps"
        );
        assert_eq!(judged(&CHECK, &with_leaf(|_| {})), "pass");
        let by_extension = seen(|tls| {
            tls.chain.as_mut().unwrap().certificates[0].has_sct = false;
            tls.features.as_mut().unwrap().timestamps = true;
        });
        assert_eq!(judged(&CHECK, &by_extension), "pass");
        let private = seen(|tls| tls.chain.as_mut().unwrap().public = false);
        assert_eq!(
            judged(&CHECK, &private),
            "not applicable: no public root vouches for the certificate"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
