use model::Severity;

use super::offered;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::hello::SSL3;

pub(super) const CHECK: Check = Check {
    id: "tls.ssl3",
    title: "SSL 3.0 is offered",
    severity: Severity::High,
    cap: Some(74),
    group: Group::Tls,
    standard: "RFC 7568, section 3",
    why: "SSL 3.0 lets an attacker on the network read cookies (POODLE).",
    fix: "Offer TLS 1.2 and TLS 1.3 alone; every browser of the last ten years speaks one of them.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    offered(evidence, SSL3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;
    use crate::modules::ssl_tls::tls::offering;

    #[test]
    fn the_version_is_gone() {
        assert_eq!(
            judged(&CHECK, &offering(SSL3)),
            "fail: it is answered with TLS_RSA_WITH_AES_128_CBC_SHA"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.versions.clear())),
            "missing: not probed in this scan"
        );
    }
}
