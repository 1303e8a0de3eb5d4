use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::{Trait, has, suite_name};
use crate::modules::ssl_tls::{at_every_address, none_unseen, old_suites};

pub(super) const CHECK: Check = Check {
    id: "cipher.static-key-exchange",
    title: "Some suites do not keep past connections secret",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9325, section 4.1",
    why: "Clients that take these suites lose what they sent once the server's key is \
          stolen.",
    fix: "Remove the suites whose names begin in `TLS_RSA_`, `TLS_DH_` or `TLS_ECDH_`.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let suites = old_suites(evidence)?;
    let plain: Vec<_> = suites.iter().filter(|suite| !has(**suite, Trait::ForwardSecret)).collect();
    match plain.first() {
        None => {
            none_unseen(evidence, |suite| !has(suite, Trait::ForwardSecret)).map(|()| Verdict::Pass)
        }
        Some(first) => Ok(Verdict::Fail(format!(
            "{} of {} suites, such as {}",
            plain.len(),
            suites.len(),
            suite_name(**first)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{cut_short, seen};

    #[test]
    fn every_suite_is_ephemeral() {
        let offered = seen(|tls| tls.versions[3].suites = Ok(vec![0xc02f, 0x009c]));
        assert_eq!(
            judged(&CHECK, &offered),
            "fail: 1 of 2 suites, such as TLS_RSA_WITH_AES_128_GCM_SHA256"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(judged(&CHECK, &cut_short(&[0x009c])), "missing: the server stopped answering");
    }
}
