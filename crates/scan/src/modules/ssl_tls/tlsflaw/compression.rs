use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.compression",
    title: "TLS compression is on",
    severity: Severity::High,
    group: Group::TlsFlaw,
    standard: "RFC 9325, section 3.3",
    why: "The length of compressed requests gives away cookies (CRIME).",
    fix: "Switch TLS compression off.",
    paste: paste::NO_COMPRESSION,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(features) = reached(evidence)?.features else {
        return Ok(Verdict::NotApplicable("nothing older than TLS 1.3 is offered"));
    };

    Ok(Verdict::fail_if(features.compression, || "the server chose DEFLATE".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn reads_the_hello() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.features.as_mut().unwrap().compression = true)),
            "fail: the server chose DEFLATE"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.features = None)),
            "not applicable: nothing older than TLS 1.3 is offered"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
