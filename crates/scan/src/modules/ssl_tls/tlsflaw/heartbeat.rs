use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.heartbeat",
    title: "The heartbeat extension is offered",
    severity: Severity::Info,
    group: Group::TlsFlaw,
    standard: "RFC 6520, section 2",
    why: "Nobody needs it, and its most famous implementation leaked keys (Heartbleed). \
          Offering it is no proof of that flaw.",
    fix: "Switch the extension off, and make sure that OpenSSL is 1.0.1g or newer.",
    paste: paste::UPDATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(features) = reached(evidence)?.features else {
        return Ok(Verdict::NotApplicable("nothing older than TLS 1.3 is offered"));
    };

    Ok(Verdict::fail_if(features.heartbeat, || "the ServerHello has `heartbeat`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn reads_the_hello() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.features.as_mut().unwrap().heartbeat = true)),
            "fail: the ServerHello has `heartbeat`"
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
