use model::Severity;

use super::{NO_POLICY, policy};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Mode;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.testing",
    title: "The MTA-STS policy only asks for reports",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8461, section 5",
    why: "In mode `testing` senders deliver in the clear all the same and write a report.",
    fix: "Change the mode to `enforce` once the reports show no failures, and change the id \
          of the record.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::NEW_POLICY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(policy) = policy(evidence)? else { return Ok(Verdict::NotApplicable(NO_POLICY)) };
    Ok(Verdict::fail_if(policy.mode == Some(Mode::Testing), || "the mode is `testing`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};

    #[test]
    fn testing_is_not_enforcing() {
        let testing = in_policy(|_, _, policy| policy.mode = Some(Mode::Testing));
        assert_eq!(judged(&CHECK, &testing), "fail: the mode is `testing`");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
