use model::Severity;

use super::{Algorithm, NO_KEY, keys, selectors};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dkim.short-key",
    title: "A DKIM key is shorter than recommended",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 8301, section 3.2",
    why: "Signers should use RSA keys of at least 2,048 bits; 1,024 bits are within reach of \
          well-funded attackers.",
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
    let found = selectors(
        keys,
        |key| matches!(key.algorithm, Algorithm::Rsa(bits) if (1024..2048).contains(&bits)),
    );
    Ok(Verdict::fail_if(!found.is_empty(), || format!("{found}: RSA below 2,048 bits")))
}

#[cfg(test)]
mod tests {
    use super::super::with_key;
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_key() {
        assert_eq!(
            judged(&CHECK, &with_key(Algorithm::Rsa(1024), false, false)),
            "fail: `s1`: RSA below 2,048 bits"
        );
        assert_eq!(judged(&CHECK, &with_key(Algorithm::Rsa(2048), false, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
