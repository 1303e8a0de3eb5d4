use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::mx::has_mail;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.missing-without-mail",
    title: "The domain takes no mail and does not say that none may be sent",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "A domain without mail is a welcome sender for forgers: nobody would miss refused \
          mail, but nothing tells receivers to refuse it.",
    fix: "Publish `p=reject` and an SPF record `v=spf1 -all`.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: &[Paste { tool: Tool::Dns, text: r#"_dmarc.{domain}. IN TXT "v=DMARC1; p=reject""# }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    if has_mail(evidence)? {
        return Ok(Verdict::NotApplicable("the domain takes mail"));
    }
    Ok(dmarc.absence().map_or(Verdict::Pass, Verdict::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::dmarc::{DmarcEvidence, found};
    use crate::modules::dns_email::mx::host;
    use crate::modules::dns_email::seen;

    fn evidence(mail: bool, dmarc: DmarcEvidence) -> Evidence {
        seen(|dns| {
            dns.mx = Ok(if mail { host("mail.example.com", 1, false) } else { Default::default() });
            dns.dmarc = Ok(dmarc);
        })
    }

    #[test]
    fn a_domain_without_mail_says_so() {
        let walked = found("example.com", &[]);
        assert_eq!(
            judged(&CHECK, &evidence(false, walked.clone())),
            "fail: example.com has no DMARC record that counts"
        );
        assert_eq!(
            judged(&CHECK, &evidence(false, found("example.com", &["v=DMARC1; p=reject"]))),
            "pass"
        );
        assert_eq!(
            judged(&CHECK, &evidence(true, walked)),
            "not applicable: the domain takes mail"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
