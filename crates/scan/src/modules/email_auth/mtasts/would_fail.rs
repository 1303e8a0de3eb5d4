use model::Severity;

use super::{judge_in_mode, uncertified, unlisted};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mtasts.would-fail",
    title: "Mail would stay away if the MTA-STS policy under test were enforced",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8461, section 5",
    why: "Senders still deliver in the mode `testing` and only report, which is what it is for. Once the \
          policy is enforced, they leave out a mail server that it does not list or whose certificate \
          is not valid.",
    fix: "List every name of the MX records and give each server a certificate of a public authority, \
          then change the mode to `enforce` and the id of the record.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_in_mode(evidence, true, |evidence, policy| match unlisted(evidence, policy)? {
        Verdict::Fail(seen) => Ok(Verdict::Fail(seen)),
        _ => uncertified(evidence, policy),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::Mode;
    use crate::modules::email_auth::sample::{in_policy, seen};
    use crate::modules::ssl_tls::trust::Trust;

    #[test]
    fn a_policy_under_test_is_held_against_the_servers() {
        let tested = || in_policy(|_, _, policy| policy.mode = Some(Mode::Testing));
        assert_eq!(judged(&CHECK, &tested()), "pass");
        let unlisted = in_policy(|_, _, policy| {
            policy.mode = Some(Mode::Testing);
            policy.patterns = vec!["*.example.net".to_owned()];
        });
        assert_eq!(judged(&CHECK, &unlisted), "fail: the policy does not list mx.example.com");
        let mut own = tested();
        let servers = &mut own.mail.as_mut().unwrap().servers;
        servers[0].tls.as_mut().unwrap().chain.as_mut().unwrap().trust = Trust::SelfSigned;
        assert_eq!(
            judged(&CHECK, &own),
            "fail: mx.example.com has a certificate that vouches for itself"
        );
        let enforced = in_policy(|_, _, policy| policy.mode = Some(Mode::Enforce));
        assert!(judged(&CHECK, &enforced).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
