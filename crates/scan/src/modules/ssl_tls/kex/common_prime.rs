use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::suite_name;
use crate::modules::ssl_tls::{at_every_address, none_unseen, reached};

pub(super) const CHECK: Check = Check {
    id: "kex.common-prime",
    title: "Diffie-Hellman uses a short prime that many servers share",
    severity: Severity::High,
    group: Group::Tls,
    standard: "RFC 7919, section 1; CVE-2015-4000",
    why: "Most of the work against such a prime is done once for everybody who uses it, and then every \
          connection falls in moments (Logjam). States are thought to have done it for those of 1,024 \
          bits.",
    fix: "Offer no DHE suites, or use a group of RFC 7919 with 2,048 bits or more.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let primes = reached(evidence)?.primes.as_ref().map_err(Clone::clone)?;
    if primes.is_empty() {
        return none_unseen(evidence, |suite| suite_name(suite).starts_with("TLS_DHE_"))
            .map(|()| Verdict::NotApplicable("no DHE suite was chosen"));
    }
    let shared = primes.iter().find_map(|prime| Some((prime.bits, prime.shared.as_ref()?)));
    Ok(shared.map_or(Verdict::Pass, |(bits, whose)| {
        Verdict::Fail(format!("the prime of {bits} bits is the one of {whose}"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{PrimeSeen, seen};

    #[test]
    fn a_short_prime_is_ones_own() {
        let with = |bits, shared: Option<&str>| {
            let prime = PrimeSeen { bits, shared: shared.map(str::to_owned) };
            judged(&CHECK, &seen(|tls| tls.primes = Ok(vec![prime])))
        };
        assert_eq!(
            with(1024, Some("Apache's mod_ssl")),
            "fail: the prime of 1024 bits is the one of Apache's mod_ssl"
        );
        assert_eq!(with(2048, None), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: no DHE suite was chosen");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let older = seen(|tls| tls.primes = Err(Missing::not_probed()));
        assert_eq!(judged(&CHECK, &older), "missing: not probed in this scan");
    }
}
