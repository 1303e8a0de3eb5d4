use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "tls.no-http2",
    title: "HTTP/2 is not offered",
    severity: Severity::Info,
    group: Group::Tls,
    standard: "RFC 9113, section 3.3",
    why: "Browsers fall back to HTTP/1.1, which is slower.",
    fix: "Switch HTTP/2 on; it needs ALPN.",
    paste: paste::HTTP2,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let handshake = evidence.tls()?.handshake.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(handshake.alpn.as_deref() != Some("h2"), || {
        "ALPN did not choose `h2`".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn alpn_chooses_h2() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.handshake.as_mut().unwrap().alpn = None)),
            "fail: ALPN did not choose `h2`"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
