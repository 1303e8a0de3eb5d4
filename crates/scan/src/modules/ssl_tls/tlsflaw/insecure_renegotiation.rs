use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.insecure-renegotiation",
    title: "Secure renegotiation is not supported",
    severity: Severity::Medium,
    group: Group::TlsFlaw,
    standard: "RFC 5746, section 3.6",
    why: "An attacker can put words before a client's request, which the server takes for \
          the client's own.",
    fix: "Update the TLS library.",
    paste: paste::SECURE_RENEGOTIATION,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(features) = reached(evidence)?.features else {
        return Ok(Verdict::NotApplicable("nothing older than TLS 1.3 is offered"));
    };

    Ok(Verdict::fail_if(!features.secure_renegotiation, || {
        "the ServerHello has no `renegotiation_info`".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn reads_the_hello() {
        assert_eq!(
            judged(
                &CHECK,
                &seen(|tls| tls.features.as_mut().unwrap().secure_renegotiation = false)
            ),
            "fail: the ServerHello has no `renegotiation_info`"
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
