use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::hello::{TLS12, TLS13};
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.no-tls12-or-later",
    title: "Neither TLS 1.2 nor TLS 1.3 is offered",
    severity: Severity::High,
    cap: Some(74),
    group: Group::Tls,
    standard: "RFC 9325, section 3.1.1",
    why: "Current browsers refuse to connect, and what remains is deprecated.",
    fix: "Update the server and offer TLS 1.2 and TLS 1.3.",
    careful: Some(paste::CAREFUL_VERSIONS),
    paste: paste::VERSIONS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    let (tls12, tls13) = (tls.suites(TLS12)?, tls.suites(TLS13)?);
    let none = tls12.is_empty() && tls13.is_empty() && tls.handshake.is_err();
    Ok(Verdict::fail_if(none, || "hellos of TLS 1.2 and TLS 1.3 are refused".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn one_of_them_is_there() {
        let old = seen(|tls| {
            tls.versions.iter_mut().for_each(|seen| seen.suites = Ok(Vec::new()));
            tls.handshake = Err(Missing("refused".to_owned()));
        });
        assert_eq!(judged(&CHECK, &old), "fail: hellos of TLS 1.2 and TLS 1.3 are refused");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
