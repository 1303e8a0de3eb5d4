use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.drown",
    title: "SSL 2.0 gives away what TLS protects (DROWN)",
    severity: Severity::High,
    // The version itself is charged by `tls.ssl2`.
    points: Some(0),
    group: Group::TlsFlaw,
    standard: "CVE-2016-0800; RFC 6176, section 3",
    why: "With some ten thousand connections in SSL 2.0 an attacker decrypts one of a thousand \
          recorded connections in TLS whose key exchange used the same RSA key, on this server or \
          any other.",
    fix: "Offer TLS 1.2 and TLS 1.3 alone everywhere this key is used, mail servers included.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS_EVERYWHERE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let offered = reached(evidence)?.ssl2.clone()?;
    Ok(Verdict::fail_if(offered, || "SSL 2.0 is answered with suites".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn the_flaw_needs_ssl2() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.ssl2 = Ok(true))),
            "fail: SSL 2.0 is answered with suites"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        let unseen = seen(|tls| tls.ssl2 = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
