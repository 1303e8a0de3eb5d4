use model::Severity;

use super::offered;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::Trait;

pub(super) const CHECK: Check = Check {
    id: "cipher.anonymous",
    title: "Suites without a certificate are offered",
    severity: Severity::Critical,
    cap: Some(74),
    group: Group::Tls,
    standard: "RFC 9325, section 4.1",
    why: "Nobody proves who answers, so anybody on the way can.",
    fix: "Offer the six ECDHE suites with AES-GCM and ChaCha20-Poly1305, and nothing else, \
          below TLS 1.3.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    offered(evidence, Trait::Anonymous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::cipher::offering;
    use crate::modules::ssl_tls::{cut_short, seen};

    #[test]
    fn names_the_suites() {
        assert_eq!(judged(&CHECK, &offering(0x0034)), "fail: TLS_DH_anon_WITH_AES_128_CBC_SHA");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        let open = cut_short(&[0xc030, 0x0034]);
        assert_eq!(judged(&CHECK, &open), "missing: the server stopped answering");
        assert_eq!(judged(&CHECK, &cut_short(&[0xc030])), "pass");
    }
}
