use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::habits::Quic;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

/// QUIC version 1 (RFC 9000) and 2 (RFC 9369).
const CURRENT: [u32; 2] = [1, 0x6b33_43cf];

pub(super) const CHECK: Check = Check {
    id: "tls.http3-broken",
    title: "HTTP/3 is advertised but cannot be had",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9114, section 3.1.1; RFC 9000, section 6",
    why: "Browsers try it, wait, and fall back, some of them again on every visit.",
    fix: "Open UDP port 443 and let the server listen there, or take `h3` out of the `Alt-Svc` \
          header.",
    paste: paste::HTTP3,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match reached(evidence)?.habits.quic.as_ref().map_err(Clone::clone)? {
        None => Ok(Verdict::NotApplicable("HTTP/3 is not advertised")),
        Some(Quic::Refused) => Ok(Verdict::Fail("UDP port 443 is closed".to_owned())),
        Some(Quic::Speaks(versions)) => {
            let current = versions.iter().any(|version| CURRENT.contains(version));
            Ok(Verdict::fail_if(!current, || {
                "QUIC answers, but with none of its published versions".to_owned()
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn what_is_advertised_is_served() {
        let with = |quic| judged(&CHECK, &seen(|tls| tls.habits.quic = Ok(quic)));
        assert_eq!(with(Some(Quic::Refused)), "fail: UDP port 443 is closed");
        assert_eq!(
            with(Some(Quic::Speaks(vec![0xff00_001d]))),
            "fail: QUIC answers, but with none of its published versions"
        );
        assert_eq!(with(Some(Quic::Speaks(vec![0xff00_001d, 1]))), "pass");
        assert_eq!(with(None), "not applicable: HTTP/3 is not advertised");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
