use model::Severity;

use super::{NO_POLICY, policy};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Mode;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.mode-none",
    title: "The MTA-STS policy asks for nothing",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8461, section 5",
    why: "Mode `none` is for taking MTA-STS back: senders deliver as if there were no \
          policy.",
    fix: "Change the mode to `testing`, later to `enforce`, or remove record and policy.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::NEW_POLICY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(policy) = policy(evidence)? else { return Ok(Verdict::NotApplicable(NO_POLICY)) };
    Ok(Verdict::fail_if(policy.mode == Some(Mode::None), || "the mode is `none`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};

    #[test]
    fn none_is_no_protection() {
        let none = in_policy(|_, _, policy| policy.mode = Some(Mode::None));
        assert_eq!(judged(&CHECK, &none), "fail: the mode is `none`");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
