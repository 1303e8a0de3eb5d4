use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.no-tls13",
    title: "TLS 1.3 is not offered",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9325, section 3.1.1",
    why: "TLS 1.3 is faster and leaves out everything that was broken in older versions.",
    fix: "Offer TLS 1.3 besides TLS 1.2.",
    paste: paste::TLS13,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let offered = reached(evidence)?.offers_tls13()?;
    Ok(Verdict::fail_if(!offered, || "hellos of TLS 1.3 are refused".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn tls13_is_there() {
        let without = |agreed: &str| {
            seen(|tls| {
                tls.versions[4].suites = Ok(Vec::new());
                tls.handshake.as_mut().unwrap().version = agreed.to_owned();
            })
        };
        assert_eq!(judged(&CHECK, &without("TLSv1_2")), "fail: hellos of TLS 1.3 are refused");
        assert_eq!(judged(&CHECK, &without("TLSv1_3")), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
