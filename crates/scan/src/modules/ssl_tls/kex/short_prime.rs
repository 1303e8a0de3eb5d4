use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::suite_name;
use crate::modules::ssl_tls::{at_every_address, none_unseen, reached};

pub(super) const CHECK: Check = Check {
    id: "kex.short-prime",
    title: "Diffie-Hellman uses a short prime",
    severity: Severity::High,
    group: Group::Tls,
    standard: "RFC 9325, section 4.5",
    why: "Primes below 1,024 bits are broken (Logjam), and those below 2,048 bits are within \
          reach of states.",
    fix: "Use a group of RFC 7919 with 2,048 bits or more, or no DHE suites at all.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match reached(evidence)?.shortest_prime {
        None => none_unseen(evidence, |suite| suite_name(suite).starts_with("TLS_DHE_"))
            .map(|()| Verdict::NotApplicable("no DHE suite was chosen")),
        Some(bits) => Ok(Verdict::fail_if(bits < 2048, || format!("a prime of {bits} bits"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn a_prime_has_2048_bits() {
        let change = |bits| seen(|tls| tls.shortest_prime = Some(bits));
        assert_eq!(judged(&CHECK, &change(1024)), "fail: a prime of 1024 bits");
        assert_eq!(judged(&CHECK, &change(2048)), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: no DHE suite was chosen");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
