use model::Severity;

use super::{NO_RECORD, fetched};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Fetched;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.no-policy",
    title: "The MTA-STS policy cannot be fetched",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.3",
    why: "Senders that cannot fetch the policy deliver as if there were none, in the clear \
          if need be. They follow no redirects.",
    fix: "Serve the policy at `https://mta-sts.{domain}/.well-known/mta-sts.txt` itself, \
          with status 200.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::POLICY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(fetched) = fetched(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let domain = &evidence.mail()?.domain;
    Ok(match fetched {
        Fetched::NoHost => Verdict::Fail(format!("mta-sts.{domain} has no address")),
        Fetched::NoTls(problem) => Verdict::Fail(format!("mta-sts.{domain}: {problem}")),
        Fetched::Answered { status: 200, .. } => Verdict::Pass,
        Fetched::Answered { status, .. } => {
            Verdict::Fail(format!("mta-sts.{domain} answers with status {status}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};

    #[test]
    fn senders_follow_no_redirects() {
        let judge = |fetched| {
            judged(&CHECK, &seen(|mail| mail.mta_sts.as_mut().unwrap().fetched = Some(Ok(fetched))))
        };
        assert_eq!(judge(Fetched::NoHost), "fail: mta-sts.example.com has no address");
        assert_eq!(
            judge(Fetched::NoTls("refuses connections at port 443".to_owned())),
            "fail: mta-sts.example.com: refuses connections at port 443"
        );
        assert_eq!(
            judged(&CHECK, &in_policy(|status, _, _| *status = 301)),
            "fail: mta-sts.example.com answers with status 301"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
