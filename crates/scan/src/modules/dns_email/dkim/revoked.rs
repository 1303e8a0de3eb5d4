use model::Severity;

use super::{Algorithm, DkimKey, NO_KEY, WILDCARD, keys, selectors};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dkim.revoked",
    title: "A revoked DKIM key is still published",
    severity: Severity::Info,
    group: Group::MailAuthentication,
    standard: "RFC 6376, section 3.6.1",
    why: "An empty `p=` says that the key was revoked. That is right for a while; afterwards \
          the record is clutter.",
    fix: "Remove the record once no mail signed with the key is under way.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(keys) = keys(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_KEY));
    };
    // A wildcard without a key says that the domain signs nothing: no leftover.
    let revoked = |key: &DkimKey| key.algorithm == Algorithm::Revoked && key.selector != WILDCARD;
    let found = selectors(keys, revoked);
    Ok(Verdict::fail_if(!found.is_empty(), || format!("{found}: `p=` is empty")))
}

#[cfg(test)]
mod tests {
    use super::super::with_key;
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_key() {
        assert_eq!(
            judged(&CHECK, &with_key(Algorithm::Revoked, false, false)),
            "fail: `s1`: `p=` is empty"
        );
        assert_eq!(judged(&CHECK, &with_key(Algorithm::Rsa(2048), false, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
