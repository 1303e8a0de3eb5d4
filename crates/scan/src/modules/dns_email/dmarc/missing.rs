use model::Severity;

use super::has_mail;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dmarc.missing",
    title: "The domain takes mail but has no DMARC record",
    severity: Severity::Critical,
    points: Some(25),
    cap: Some(74),
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "Without DMARC anybody can put the domain into the From line that people read, and \
          receivers have no policy to refuse it. Large mailbox providers also demand a \
          record from senders.",
    fix: "Publish a record with `p=none` and an address for reports, then move to \
          `p=quarantine` and `p=reject` as the reports show your senders aligned.",
    paste: &[Paste {
        tool: Tool::Dns,
        text: r#"_dmarc.{domain}. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@{domain}""#,
    }],
    run,
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    if !has_mail(evidence)? {
        return Ok(Verdict::NotApplicable("the domain declares no mail server"));
    }
    Ok(Verdict::fail_if(dmarc.texts.is_empty(), || {
        format!("none of {} has a DMARC record", dmarc.walked.join(", "))
    }))
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
    fn a_domain_with_mail_needs_a_policy() {
        let walked = DmarcEvidence {
            walked: vec!["example.com".to_owned(), "com".to_owned()],
            ..Default::default()
        };
        assert_eq!(
            judged(&CHECK, &evidence(true, walked.clone())),
            "fail: none of example.com, com has a DMARC record"
        );
        assert_eq!(
            judged(&CHECK, &evidence(true, found("example.com", "v=DMARC1; p=none"))),
            "pass"
        );
        assert_eq!(
            judged(&CHECK, &evidence(false, walked)),
            "not applicable: the domain declares no mail server"
        );
    }
}
