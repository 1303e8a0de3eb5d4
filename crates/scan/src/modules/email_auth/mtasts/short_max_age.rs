use model::Severity;

use super::{NO_POLICY, policy};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Mode;
use crate::modules::email_auth::paste;

/// In seconds.
const A_WEEK: u64 = 604_800;

pub(super) const CHECK: Check = Check {
    id: "mtasts.short-max-age",
    title: "The MTA-STS policy is soon forgotten",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.2",
    why: "A sender remembers the policy so that an attacker cannot hide it. What is \
          forgotten within days protects little.",
    fix: "Set `max_age` to some weeks, such as 1209600, once the mode is `enforce`.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::NEW_POLICY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(policy) = policy(evidence)? else { return Ok(Verdict::NotApplicable(NO_POLICY)) };
    let Some(age) = policy.max_age.filter(|_| policy.mode == Some(Mode::Enforce)) else {
        return Ok(Verdict::NotApplicable("the policy is not enforced"));
    };
    Ok(Verdict::fail_if(age < A_WEEK, || format!("`max_age` is {age}, less than a week")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};

    #[test]
    fn a_policy_lasts_a_week() {
        let judge = |age| judged(&CHECK, &in_policy(|_, _, policy| policy.max_age = Some(age)));
        assert_eq!(judge(86_400), "fail: `max_age` is 86400, less than a week");
        assert_eq!(judge(604_800), "pass");
        let testing = in_policy(|_, _, policy| policy.mode = Some(Mode::Testing));
        assert!(judged(&CHECK, &testing).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
