use model::Severity;

use super::offered;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::Trait;

pub(super) const CHECK: Check = Check {
    id: "cipher.rc4",
    title: "RC4 is offered",
    severity: Severity::High,
    cap: Some(74),
    group: Group::Tls,
    standard: "RFC 7465, section 2",
    why: "RC4 leaks what it encrypts; cookies have been read from such connections.",
    fix: "Offer the six ECDHE suites with AES-GCM and ChaCha20-Poly1305, and nothing else, \
          below TLS 1.3.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    offered(evidence, Trait::Rc4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::cipher::offering;
    use crate::modules::ssl_tls::{cut_short, seen};

    #[test]
    fn names_the_suites() {
        assert_eq!(judged(&CHECK, &offering(0x0005)), "fail: TLS_RSA_WITH_RC4_128_SHA");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        let open = cut_short(&[0xc030, 0x0005]);
        assert_eq!(judged(&CHECK, &open), "missing: the server stopped answering");
        assert_eq!(judged(&CHECK, &cut_short(&[0xc030])), "pass");
    }
}
