use model::Severity;

use super::{NO_RECORD, published};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.invalid-report-address",
    title: "A DMARC report address cannot be used",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.6",
    why: "Receivers send reports to `mailto:` addresses and ignore what they cannot read, so the \
          reports meant for this address never arrive.",
    fix: "Write each address as `mailto:name@domain`, separated by commas.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = published(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let mut uris = record.aggregate.iter().chain(&record.failure).peekable();
    if uris.peek().is_none() {
        return Ok(Verdict::NotApplicable("the record asks for no reports"));
    }
    let unusable = uris.filter(|uri| uri.mail_host().is_none());
    let unusable: Vec<_> = unusable.map(|uri| format!("`{}`", uri.0)).collect();
    Ok(Verdict::fail_if(!unusable.is_empty(), || {
        format!("no mail can be sent to {}", listed(&unusable))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn reports_can_be_delivered() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; rua=a@example.com, mailto:b@example.com")),
            "fail: no mail can be sent to `a@example.com`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; rua=mailto:b@example.com")), "pass");
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=none")),
            "not applicable: the record asks for no reports"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
