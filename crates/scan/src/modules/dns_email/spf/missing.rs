use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::mx::has_mail;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.missing",
    title: "The domain takes mail but has no SPF record",
    severity: Severity::High,
    cap: Some(74),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 3",
    why: "Without SPF a receiver cannot tell your mail servers from anybody else's, so \
          forged mail in your name is harder to refuse.",
    fix: "Publish one TXT record that lists your senders and ends in `~all`, then in `-all` once \
          none is missing.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    if !has_mail(evidence)? {
        return Ok(Verdict::NotApplicable("the domain declares no mail server"));
    }
    Ok(Verdict::fail_if(spf.texts.is_empty(), || "no TXT record begins with `v=spf1`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::mx::{MxEvidence, host};
    use crate::modules::dns_email::seen;
    use crate::modules::dns_email::spf::SpfEvidence;

    #[test]
    fn a_domain_with_mail_needs_a_record() {
        let judge = |mx: MxEvidence, texts: &[&str]| {
            let texts = texts.iter().map(|text| (*text).to_owned()).collect();
            judged(
                &CHECK,
                &seen(|dns| {
                    dns.mx = Ok(mx);
                    dns.spf = Ok(SpfEvidence { texts, ..Default::default() });
                }),
            )
        };
        assert_eq!(
            judge(host("mx.example.com", 1, false), &[]),
            "fail: no TXT record begins with `v=spf1`"
        );
        assert_eq!(judge(host("mx.example.com", 1, false), &["v=spf1 -all"]), "pass");
        assert_eq!(
            judge(MxEvidence::default(), &[]),
            "not applicable: the domain declares no mail server"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
