use model::Severity;

use super::{NO_KEY, keys, selectors};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dkim.testing",
    title: "A DKIM key is in test mode",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 6376, section 3.6.1",
    why: "`t=y` asks receivers to treat signed mail like unsigned mail.",
    fix: "Remove `y` from `t=` in the key record.",
    paste: paste::DKIM,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(keys) = keys(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_KEY));
    };
    let found = selectors(keys, |key| key.testing);
    Ok(Verdict::fail_if(!found.is_empty(), || format!("{found}: `t=y`")))
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, with_key};
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_key() {
        assert_eq!(
            judged(&CHECK, &with_key(Algorithm::Rsa(2048), true, false)),
            "fail: `s1`: `t=y`"
        );
        assert_eq!(judged(&CHECK, &with_key(Algorithm::Rsa(2048), false, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
