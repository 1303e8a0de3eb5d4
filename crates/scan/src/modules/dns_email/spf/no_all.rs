use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "spf.no-all",
    title: "SPF has neither `all` nor `redirect`",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.7",
    why: "A record without an end says `neutral` for every sender it does not list, as if \
          there were no SPF record.",
    fix: "End the record in `-all`, or in `~all` while you look for forgotten senders.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(record) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    let open = record.all().is_none() && record.redirect.is_none();
    Ok(Verdict::fail_if(open, || "the record has no `all` and no `redirect=`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_record_has_an_end() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx")),
            "fail: the record has no `all` and no `redirect=`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx -all")), "pass");
        assert_eq!(judged(&CHECK, &with_record("v=spf1 redirect=example.net")), "pass");
    }
}
