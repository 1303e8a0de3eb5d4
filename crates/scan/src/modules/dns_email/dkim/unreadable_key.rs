use model::Severity;

use super::{Algorithm, NO_KEY, keys};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dkim.unreadable-key",
    title: "A DKIM key cannot be read",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 6376, section 3.6.1",
    why: "Receivers cannot check signatures made with the key, so mail signed with it counts as \
          unsigned.",
    fix: "Publish the key again as your mail service shows it; long records break when they are \
          split or cut by hand.",
    careful: Some(paste::CAREFUL_DKIM),
    paste: paste::DKIM,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(keys) = keys(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_KEY));
    };
    let unreadable = keys.iter().filter_map(|key| match &key.algorithm {
        Algorithm::Unreadable(problem) => Some(format!("`{}`: {problem}", key.selector)),
        _ => None,
    });
    let unreadable: Vec<_> = unreadable.collect();
    Ok(Verdict::fail_if(!unreadable.is_empty(), || listed(&unreadable)))
}

#[cfg(test)]
mod tests {
    use super::super::with_key;
    use super::*;
    use crate::check::judged;

    #[test]
    fn every_key_can_be_read() {
        let broken = Algorithm::Unreadable("`p=` is not base64".to_owned());
        assert_eq!(
            judged(&CHECK, &with_key(broken, false, false)),
            "fail: `s1`: `p=` is not base64"
        );
        assert_eq!(judged(&CHECK, &with_key(Algorithm::Ed25519, false, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
