use model::Severity;

use super::offered;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::hello::TLS10;

pub(super) const CHECK: Check = Check {
    id: "tls.tls10",
    title: "TLS 1.0 is offered",
    severity: Severity::Medium,
    cap: Some(74),
    group: Group::Tls,
    standard: "RFC 8996, section 4",
    why: "TLS 1.0 rests on MD5 and SHA-1 and is deprecated; standards for payment and health \
          data forbid it.",
    fix: "Offer TLS 1.2 and TLS 1.3 alone; every browser of the last ten years speaks one of them.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    offered(evidence, TLS10)
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
            judged(&CHECK, &offering(TLS10)),
            "fail: it is answered with TLS_RSA_WITH_AES_128_CBC_SHA"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.versions.clear())),
            "missing: not probed in this scan"
        );
    }
}
