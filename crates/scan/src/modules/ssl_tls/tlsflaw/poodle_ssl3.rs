use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::hello::SSL3;
use crate::modules::ssl_tls::wire::suites::{Trait, has, suite_name};
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.poodle-ssl3",
    title: "SSL 3.0 is offered with CBC suites",
    severity: Severity::High,
    // The version itself is charged by `tls.ssl3`.
    points: Some(0),
    group: Group::TlsFlaw,
    standard: "RFC 7568, section 4",
    why: "SSL 3.0 does not protect the padding of a block, so an attacker on the network can read \
          cookies byte by byte (POODLE, CVE-2014-3566).",
    fix: "Offer TLS 1.2 and TLS 1.3 alone; every browser of the last ten years speaks one of them.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    let suites = tls.suites(SSL3)?;
    if suites.is_empty() {
        return Ok(Verdict::NotApplicable("SSL 3.0 is not offered"));
    }
    let is_cbc = |suite: &u16| has(*suite, Trait::Cbc);
    if let Some(suite) = suites.iter().copied().find(is_cbc) {
        return Ok(Verdict::Fail(format!("SSL 3.0 is answered with {}", suite_name(suite))));
    }
    let open = tls.versions.iter().find(|seen| seen.version == SSL3);
    match open.and_then(|seen| seen.unsettled.as_ref()) {
        Some(open) if open.suites.iter().any(is_cbc) => Err(open.why.clone()),
        _ => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{Unsettled, seen};

    #[test]
    fn the_flaw_needs_cbc() {
        let offered = |suites: &[u16]| seen(|tls| tls.versions[0].suites = Ok(suites.to_vec()));
        assert_eq!(
            judged(&CHECK, &offered(&[0x0005, 0x002f])),
            "fail: SSL 3.0 is answered with TLS_RSA_WITH_AES_128_CBC_SHA"
        );
        assert_eq!(judged(&CHECK, &offered(&[0x0005])), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: SSL 3.0 is not offered");
        let mut open = offered(&[0x0005]);
        open.tls.as_mut().unwrap().versions[0].unsettled =
            Some(Unsettled { suites: vec![0x002f], why: Missing("silence".to_owned()) });
        assert_eq!(judged(&CHECK, &open), "missing: silence");
    }
}
