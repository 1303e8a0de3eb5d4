use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::weak_key::KeyFlaw;
use crate::modules::ssl_tls::{NO_RSA, at_every_address, rsa_leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.weak-key",
    title: "The private key can be computed from the certificate",
    severity: Severity::Critical,
    // As after Heartbleed: the key is as good as published, and the certificate proves nothing.
    cap: Some(34),
    group: Group::Certificate,
    standard: "CA/Browser Forum BR 6.1.6; CVE-2022-26320",
    why: "Whoever does it can pose as the site and read what is sent to it. Authorities have to \
          revoke such certificates within a day.",
    fix: "Make a new key with current software on another machine, and issue a new certificate for \
          it.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(rsa) = rsa_leaf(evidence)? else { return Ok(Verdict::NotApplicable(NO_RSA)) };
    Ok(match &rsa.flaw {
        Some(KeyFlaw::ClosePrimes) => {
            Verdict::Fail("its primes lie so close together that a root shows them".to_owned())
        }
        Some(KeyFlaw::SmallFactor(factor)) => Verdict::Fail(format!("{factor} divides it")),
        Some(KeyFlaw::NoExponent) => Verdict::Fail("its exponent is 1, or even".to_owned()),
        Some(KeyFlaw::OddExponent) | None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, silent, with_rsa};

    #[test]
    fn the_key_is_hard_to_compute() {
        let with = |flaw| judged(&CHECK, &with_rsa(|rsa| rsa.flaw = flaw));
        assert_eq!(
            with(Some(KeyFlaw::ClosePrimes)),
            "fail: its primes lie so close together that a root shows them"
        );
        assert_eq!(with(Some(KeyFlaw::SmallFactor(7))), "fail: 7 divides it");
        assert_eq!(with(Some(KeyFlaw::NoExponent)), "fail: its exponent is 1, or even");
        assert_eq!((with(None), with(Some(KeyFlaw::OddExponent))), ("pass".into(), "pass".into()));
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: the key is no RSA key");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
