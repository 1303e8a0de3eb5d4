use model::Severity;

use super::{Algorithm, NO_KEY, keys, selectors};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dkim.weak-key",
    title: "A DKIM key can be broken",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 8301, section 3.2",
    why: "RSA keys of 512 bits are factored within hours, and even one of 768 bits has been. \
          Whoever does that signs mail in your name.",
    fix: "Publish a new key of 2,048 bits under a new selector, sign with it, then remove \
          the old one.",
    careful: Some(paste::CAREFUL_DKIM),
    paste: paste::DKIM,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(keys) = keys(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_KEY));
    };
    let found = selectors(keys, |key| matches!(key.algorithm, Algorithm::Rsa(bits) if bits < 1024));
    Ok(Verdict::fail_if(!found.is_empty(), || format!("{found}: RSA below 1,024 bits")))
}

#[cfg(test)]
mod tests {
    use super::super::with_key;
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_key() {
        assert_eq!(
            judged(&CHECK, &with_key(Algorithm::Rsa(768), false, false)),
            "fail: `s1`: RSA below 1,024 bits"
        );
        assert_eq!(judged(&CHECK, &with_key(Algorithm::Rsa(1024), false, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
