use model::Severity;

use super::{judge_in_mode, unlisted};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.unlisted-server",
    title: "The MTA-STS policy leaves out a mail server",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 8461, section 4.1",
    why: "Senders do not deliver to a mail server that the policy does not list. When none \
          is left, mail is lost.",
    fix: "List every name of the MX records in the policy, and change the id of the record.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::NEW_POLICY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_in_mode(evidence, false, unlisted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::Mode;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};

    #[test]
    fn every_mail_server_is_listed() {
        let other = in_policy(|_, _, policy| policy.patterns = vec!["*.example.net".to_owned()]);
        assert_eq!(judged(&CHECK, &other), "fail: the policy does not list mx.example.com");
        let wild = in_policy(|_, _, policy| policy.patterns = vec!["*.example.com".to_owned()]);
        assert_eq!(judged(&CHECK, &wild), "pass");
        let tested = in_policy(|_, _, policy| {
            policy.patterns = vec!["*.example.net".to_owned()];
            policy.mode = Some(Mode::Testing);
        });
        assert_eq!(
            judged(&CHECK, &tested),
            "not applicable: senders deliver all the same while the policy is only tested"
        );
        let none = in_policy(|_, _, policy| policy.mode = Some(Mode::None));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
