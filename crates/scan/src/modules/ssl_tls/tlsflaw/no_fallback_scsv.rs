use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.no-fallback-scsv",
    title: "A forced fallback to an older version is not noticed",
    severity: Severity::Low,
    group: Group::TlsFlaw,
    standard: "RFC 7507, section 3",
    why: "An attacker who breaks connections can make a client try older versions until one has a \
          flaw. A server that knows the signal stops that.",
    fix: "Offer TLS 1.2 and TLS 1.3 alone, or update the TLS library.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match reached(evidence)?.habits.notices_fallback.clone()? {
        Some(notices) => Ok(Verdict::fail_if(!notices, || {
            "an older version with TLS_FALLBACK_SCSV is answered as if nothing were wrong"
                .to_owned()
        })),
        None => Ok(Verdict::NotApplicable("there is nothing older than TLS 1.2 to fall back to")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn a_fallback_is_noticed() {
        let with = |notices| judged(&CHECK, &seen(|tls| tls.habits.notices_fallback = Ok(notices)));
        assert_eq!(
            with(Some(false)),
            "fail: an older version with TLS_FALLBACK_SCSV is answered as if nothing were wrong"
        );
        assert_eq!(with(Some(true)), "pass");
        assert_eq!(
            with(None),
            "not applicable: there is nothing older than TLS 1.2 to fall back to"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
