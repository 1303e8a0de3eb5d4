use model::Severity;

use super::{NO_POLICY, policy};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.invalid-policy",
    title: "The MTA-STS policy does not follow the grammar",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.2",
    why: "Senders ignore a policy that they cannot read.",
    fix: "Write version, mode, every mail server and the time to keep it, one on each line, \
          as plain text.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::POLICY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(policy) = policy(evidence)? else { return Ok(Verdict::NotApplicable(NO_POLICY)) };
    Ok(Verdict::fail_if(!policy.problems.is_empty(), || policy.problems.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};

    #[test]
    fn what_is_wrong_is_said() {
        let broken = in_policy(|_, _, policy| policy.problem("there is no `mx`"));
        assert_eq!(judged(&CHECK, &broken), "fail: there is no `mx`");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
