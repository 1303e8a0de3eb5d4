use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.multiple-records",
    title: "The domain has more than one SPF record",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.5",
    why: "With two records the result is an error, so receivers treat the domain as if it \
          had no SPF at all.",
    fix: "Merge the records into one that begins with a single `v=spf1`.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    match spf.texts.len() {
        0 => Ok(Verdict::NotApplicable("the domain publishes no SPF record")),
        1 => Ok(Verdict::Pass),
        records => Ok(Verdict::Fail(format!("{records} TXT records begin with `v=spf1`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn there_is_one_record() {
        assert_eq!(judged(&CHECK, &with_record("v=spf1 -all")), "pass");
        let mut two = with_record("v=spf1 -all");
        two.dns_email.as_mut().unwrap().spf.as_mut().unwrap().texts.push("v=spf1 mx".to_owned());
        assert_eq!(judged(&CHECK, &two), "fail: 2 TXT records begin with `v=spf1`");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
