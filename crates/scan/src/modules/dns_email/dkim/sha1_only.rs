use model::Severity;

use super::{NO_KEY, keys, selectors};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dkim.sha1-only",
    title: "A DKIM key allows SHA-1 only",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 8301, section 3.1",
    why: "Receivers must not accept signatures with SHA-1, so mail signed with this key \
          counts as unsigned.",
    fix: "Remove `h=sha1` from the key record.",
    paste: &[Paste {
        tool: Tool::Dns,
        text: "YOUR-SELECTOR._domainkey.{domain}. IN TXT \"v=DKIM1; h=sha256; k=rsa; p=YOUR-PUBLIC-KEY\"",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(keys) = keys(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_KEY));
    };
    let found = selectors(keys, |key| key.sha1_only);
    Ok(Verdict::fail_if(!found.is_empty(), || format!("{found}: `h=sha1`")))
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, with_key};
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_key() {
        assert_eq!(
            judged(&CHECK, &with_key(Algorithm::Rsa(2048), false, true)),
            "fail: `s1`: `h=sha1`"
        );
        assert_eq!(judged(&CHECK, &with_key(Algorithm::Rsa(2048), false, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
