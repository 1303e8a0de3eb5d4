use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.no-extended-master-secret",
    title: "The master secret is not bound to the handshake",
    severity: Severity::Low,
    group: Group::TlsFlaw,
    standard: "RFC 7627, section 4",
    why: "Two connections can be made to share a secret, which breaks authentication that is \
          built on it.",
    fix: "Update the TLS library.",
    paste: paste::UPDATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(features) = reached(evidence)?.features else {
        return Ok(Verdict::NotApplicable("nothing older than TLS 1.3 is offered"));
    };

    Ok(Verdict::fail_if(!features.extended_master_secret, || {
        "the ServerHello has no `extended_master_secret`".to_owned()
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
                &seen(|tls| tls.features.as_mut().unwrap().extended_master_secret = false)
            ),
            "fail: the ServerHello has no `extended_master_secret`"
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
