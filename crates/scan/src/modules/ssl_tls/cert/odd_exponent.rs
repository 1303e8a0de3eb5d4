use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::weak_key::KeyFlaw;
use crate::modules::ssl_tls::{NO_RSA, at_every_address, rsa_leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.odd-exponent",
    title: "The RSA key has an unusual exponent",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "CA/Browser Forum BR 6.1.6; NIST FIPS 186-5, section 5.1",
    why: "Below 65,537 mistakes in padding can be exploited, above 2^256 some clients refuse the \
          key.",
    fix: "Make the next key with the exponent 65,537, as all software does by itself, or one of \
          ECDSA P-256.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(rsa) = rsa_leaf(evidence)? else { return Ok(Verdict::NotApplicable(NO_RSA)) };
    Ok(Verdict::fail_if(rsa.flaw == Some(KeyFlaw::OddExponent), || {
        format!("it is 0x{}", rsa.exponent)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, silent, with_rsa};

    #[test]
    fn the_exponent_is_the_usual_one() {
        let three = with_rsa(|rsa| {
            rsa.flaw = Some(KeyFlaw::OddExponent);
            rsa.exponent = "03".to_owned();
        });
        assert_eq!(judged(&CHECK, &three), "fail: it is 0x03");
        assert_eq!(judged(&CHECK, &with_rsa(|_| {})), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: the key is no RSA key");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
