use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.ssl2",
    title: "SSL 2.0 is offered",
    severity: Severity::Critical,
    cap: Some(34),
    group: Group::Tls,
    standard: "RFC 6176, section 3",
    why: "SSL 2.0 is broken beyond repair, and a server that still speaks it lets attackers \
          decrypt newer connections made with the same key (DROWN).",
    fix: "Offer TLS 1.2 and TLS 1.3 alone, on every server that uses this key.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    let offered = tls.ssl2.clone()?;
    Ok(Verdict::fail_if(offered, || "the server answered a hello of SSL 2.0".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn ssl2_is_gone() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.ssl2 = Ok(true))),
            "fail: the server answered a hello of SSL 2.0"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.ssl2 = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
