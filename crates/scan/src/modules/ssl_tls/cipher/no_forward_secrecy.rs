use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::hello::TLS13;
use crate::modules::ssl_tls::wire::suites::{Trait, has};
use crate::modules::ssl_tls::{at_every_address, none_unseen, old_suites, reached};

pub(super) const CHECK: Check = Check {
    id: "cipher.no-forward-secrecy",
    title: "No suite keeps past connections secret",
    severity: Severity::High,
    cap: Some(89),
    group: Group::Tls,
    standard: "RFC 9325, section 4.1",
    why: "Whoever steals the server's key can decrypt everything that was recorded before.",
    fix: "Offer the ECDHE suites and TLS 1.3.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let suites = old_suites(evidence)?;
    let secret = |suite: u16| has(suite, Trait::ForwardSecret);
    let tls13 = reached(evidence)?.suites(TLS13);
    if suites.iter().any(|suite| secret(*suite)) || tls13.as_ref().is_ok_and(|all| !all.is_empty())
    {
        return Ok(Verdict::Pass);
    }
    tls13?;
    none_unseen(evidence, secret)?;
    Ok(Verdict::Fail(format!("none of {} suites is ephemeral", suites.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn one_ephemeral_suite_is_enough() {
        let change = |suites: &[u16]| {
            seen(|tls| {
                tls.versions[4].suites = Ok(Vec::new());
                tls.versions[3].suites = Ok(suites.to_vec());
            })
        };
        assert_eq!(
            judged(&CHECK, &change(&[0x002f, 0x009c])),
            "fail: none of 2 suites is ephemeral"
        );
        assert_eq!(judged(&CHECK, &change(&[0x002f, 0xc02f])), "pass");
        let mut silent = change(&[0x002f]);
        silent.tls.as_mut().unwrap().versions[4].suites = Err(Missing("silence".to_owned()));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
    }
}
