use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::mx::has_mail;
use crate::modules::dns_email::paste;

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
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    if !has_mail(evidence)? {
        return Ok(Verdict::NotApplicable("the domain declares no mail server"));
    }
    Ok(dmarc.absence().map_or(Verdict::Pass, Verdict::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::dmarc::{DmarcEvidence, Level, found};
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
        let level = |name: &str| Level { name: name.to_owned(), texts: Vec::new() };
        let walked = DmarcEvidence::from_walk(vec![level("example.com"), level("com")]);
        assert_eq!(
            judged(&CHECK, &evidence(true, walked.clone())),
            "fail: none of example.com, com has a DMARC record that counts"
        );
        assert_eq!(
            judged(&CHECK, &evidence(true, found("example.com", &["v=DMARC1; p=none"]))),
            "pass"
        );
        let void = found("example.com", &["v=DMARC1; p=monitor"]);
        assert_eq!(
            judged(&CHECK, &evidence(true, void)),
            "fail: receivers skip the record of example.com: `p=monitor` is no policy, and it has no \
             address for reports"
        );
        let watched = found("example.com", &["v=DMARC1; p=monitor; rua=mailto:d@example.com"]);
        assert_eq!(judged(&CHECK, &evidence(true, watched)), "pass");
        assert_eq!(
            judged(&CHECK, &evidence(false, walked)),
            "not applicable: the domain declares no mail server"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
