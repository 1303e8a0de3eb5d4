use model::Severity;

use super::{NO_RECORD, Qualifier, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "spf.permissive-all",
    title: "SPF lets any host send as this domain",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.1",
    why: "The record ends in `+all`, so a receiver accepts mail from every address on the \
          internet as if the domain had approved it.",
    fix: "End the record in `~all` while you look for forgotten senders, then in `-all`.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(record) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    Ok(Verdict::fail_if(record.all() == Some(Qualifier::Pass), || {
        "the record ends in `+all`".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_first_all() {
        assert_eq!(judged(&CHECK, &with_record("v=spf1 +all")), "fail: the record ends in `+all`");
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx all -all")),
            "fail: the record ends in `+all`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx ~all")), "pass");
        assert_eq!(judged(&CHECK, &with_record("v=spf1 redirect=_spf.example.net")), "pass");
    }
}
