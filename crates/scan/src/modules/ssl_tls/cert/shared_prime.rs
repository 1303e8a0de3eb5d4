use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::shown;
use crate::modules::ssl_tls::weak_key::share_a_prime;

pub(super) const CHECK: Check = Check {
    id: "cert.shared-prime",
    title: "Two keys of the domain have a prime in common",
    severity: Severity::Critical,
    // As after Heartbleed: the key is as good as published, and the certificate proves nothing.
    cap: Some(34),
    group: Group::Certificate,
    standard: "CA/Browser Forum BR 6.1.1.3; NIST SP 800-90B",
    why: "Both private keys can be computed from the two certificates, in a moment. They were made \
          by a machine that had no randomness, often while it started for the first time.",
    fix: "Make new keys for both on a machine that has been running for a while, and issue new \
          certificates.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let shown = shown(evidence)?;
    let keys: Vec<_> = shown
        .iter()
        .filter_map(|one| Some((one.place.as_str(), one.leaf.rsa.as_ref()?.modulus.as_str())))
        .collect();
    if keys.is_empty() {
        return Ok(Verdict::NotApplicable("there is no RSA key"));
    }
    for (index, (place, key)) in keys.iter().enumerate() {
        let other = keys[index + 1..].iter().find(|(_, other)| share_a_prime(key, other));
        if let Some((other, _)) = other {
            return Ok(Verdict::Fail(format!("those of {place} and {other}")));
        }
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::certificate::CertificateFacts;
    use crate::modules::ssl_tls::{rsa_of, seen, silent, with_rsa};

    #[test]
    fn no_two_keys_have_a_prime_in_common() {
        // Products of the primes that follow 2^40, two of which are one.
        let beside = |modulus: &str| {
            let mut evidence = with_rsa(|rsa| rsa.modulus = "1000000002a0000000195".to_owned());
            let mut other = CertificateFacts::plain("other.example");
            other.rsa = Some(rsa_of(modulus));
            evidence.tls.as_mut().unwrap().habits.nameless = Ok(Some(other));
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            beside("100000000460000000339"),
            "fail: those of the site and clients that name no host"
        );
        assert_eq!(beside("100000000d40000002b93"), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: there is no RSA key");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
