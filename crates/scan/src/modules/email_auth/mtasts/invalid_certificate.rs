use model::Severity;

use super::{NO_RECORD, fetched};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Fetched, chain_problem};

pub(super) const CHECK: Check = Check {
    id: "mtasts.invalid-certificate",
    title: "The certificate of the MTA-STS policy host is not valid",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.3",
    why: "Senders take a policy only from a host whose certificate they trust, and otherwise \
          act as if there were none.",
    fix: "Get a certificate for `mta-sts.{domain}` from a public authority.",
    paste: paste::POLICY_CERTIFICATE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let now = evidence.seen_at()?;
    let Some(fetched) = fetched(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let Fetched::Answered { chain, .. } = fetched else {
        return Ok(Verdict::NotApplicable("the policy cannot be fetched"));
    };
    let chain = chain.as_ref().map_err(Clone::clone)?;
    Ok(match chain_problem(chain, now) {
        Some(problem) => Verdict::Fail(format!("mta-sts.{} {problem}", evidence.mail()?.domain)),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_policy, no_mail, seen};
    use crate::modules::ssl_tls::trust::Trust;

    #[test]
    fn senders_trust_no_other_host() {
        assert_eq!(
            judged(&CHECK, &in_policy(|_, chain, _| chain.trust = Trust::SelfSigned)),
            "fail: mta-sts.example.com has a certificate that vouches for itself"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
