use model::Severity;

use super::offered;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::Trait;

pub(super) const CHECK: Check = Check {
    id: "cipher.cbc",
    title: "CBC suites are offered",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9325, section 4.2; RFC 7366",
    why: "CBC suites of TLS are hard to implement without leaks (Lucky Thirteen), and AEAD \
          suites serve every client of today.",
    fix: "Offer the six ECDHE suites with AES-GCM and ChaCha20-Poly1305, and nothing else, \
          below TLS 1.3.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let features = evidence.tls()?.features;
    Ok(match offered(evidence, Trait::Cbc)? {
        // It mends the padding (RFC 7366), but only for those who ask for it: no browser does.
        Verdict::Fail(seen) if features.is_some_and(|seen| seen.encrypt_then_mac == Some(true)) => {
            Verdict::Fail(format!("{seen}; encrypt-then-MAC mends them for clients that know it"))
        }
        verdict => verdict,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::cipher::offering;
    use crate::modules::ssl_tls::{cut_short, seen};

    #[test]
    fn names_the_suites() {
        assert_eq!(judged(&CHECK, &offering(0x002f)), "fail: TLS_RSA_WITH_AES_128_CBC_SHA");
        let mut mended = offering(0x002f);
        let features = &mut mended.tls.as_mut().unwrap().features;
        features.as_mut().unwrap().encrypt_then_mac = Some(true);
        assert_eq!(
            judged(&CHECK, &mended),
            "fail: TLS_RSA_WITH_AES_128_CBC_SHA; encrypt-then-MAC mends them for clients that know it"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        let open = cut_short(&[0xc030, 0x002f]);
        assert_eq!(judged(&CHECK, &open), "missing: the server stopped answering");
        assert_eq!(judged(&CHECK, &cut_short(&[0xc030])), "pass");
    }
}
