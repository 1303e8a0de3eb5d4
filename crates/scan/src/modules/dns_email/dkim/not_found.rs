use model::Severity;

use super::{Algorithm, DkimKey};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::mx::{NO_MAIL, has_mail};
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dkim.not-found",
    title: "No DKIM key was found on the usual selectors",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 6376, section 3.6",
    why: "Mail without a DKIM signature cannot pass DMARC once it is forwarded. Selectors \
          cannot be listed from outside: a key on an unusual one would not be seen.",
    fix: "Switch DKIM signing on at your mail service and publish the key it gives you; with \
          a key on another selector this finding is no fault.",
    paste: paste::DKIM,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let dkim = evidence.dns_email()?.dkim.as_ref().map_err(Clone::clone)?;
    if !has_mail(evidence)? {
        return Ok(Verdict::NotApplicable(NO_MAIL));
    }
    let usable = |key: &DkimKey| key.algorithm != Algorithm::Revoked;
    if dkim.keys.iter().any(usable) {
        return Ok(Verdict::Pass);
    }
    match &dkim.unseen {
        Some(missing) => Err(missing.clone()),
        None => Ok(Verdict::Fail(format!("none of {} usual selectors has a key", dkim.tried))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::dkim::{DkimEvidence, key};
    use crate::modules::dns_email::mx::host;
    use crate::modules::dns_email::seen;

    #[test]
    fn only_a_domain_with_mail_needs_a_key() {
        let judge = |mail, dkim: DkimEvidence| {
            judged(
                &CHECK,
                &seen(|dns| {
                    dns.mx = Ok(if mail {
                        host("mx.example.com", 1, false)
                    } else {
                        Default::default()
                    });
                    dns.dkim = Ok(dkim);
                }),
            )
        };
        let none = DkimEvidence { tried: 25, ..Default::default() };
        assert_eq!(judge(true, none.clone()), "fail: none of 25 usual selectors has a key");
        assert_eq!(
            judge(false, none.clone()),
            "not applicable: the domain declares no mail server"
        );
        let unseen = Some(Missing("silence".to_owned()));
        assert_eq!(judge(true, DkimEvidence { unseen, ..none.clone() }), "missing: silence");
        let with = |algorithm| DkimEvidence { keys: vec![key(algorithm)], ..none.clone() };
        assert_eq!(judge(true, with(Algorithm::Ed25519)), "pass");
        assert_eq!(
            judge(true, with(Algorithm::Revoked)),
            "fail: none of 25 usual selectors has a key"
        );
    }
}
