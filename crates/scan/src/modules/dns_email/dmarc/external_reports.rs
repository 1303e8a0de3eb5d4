use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dmarc.external-reports",
    title: "DMARC reports go to a domain that has not agreed",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 9990, section 4",
    why: "A domain that receives reports for others has to say so in DNS. It does not, so \
          receivers send no reports there and you are blind.",
    fix: "Ask the report service to publish the record, or use an address of your own \
          domain.",
    paste: &[Paste {
        tool: Tool::Dns,
        text: "{domain}._report._dmarc.YOUR-REPORT-SERVICE. IN TXT \"v=DMARC1\"",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((dmarc, _)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    if dmarc.external.is_empty() {
        return Ok(Verdict::NotApplicable("no reports go to another domain"));
    }
    if let Some(refused) = dmarc.external.iter().find(|external| external.agreed == Ok(false)) {
        return Ok(Verdict::Fail(format!(
            "{} has no record that agrees to receive reports",
            refused.domain
        )));
    }
    match dmarc.external.iter().find_map(|external| external.agreed.as_ref().err()) {
        Some(missing) => Err(missing.clone()),
        None => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ExternalReports, with_record};
    use super::*;
    use crate::check::judged;

    fn with_external(agreed: Result<bool, Missing>) -> Evidence {
        let mut evidence = with_record("v=DMARC1; p=none; rua=mailto:a@example.net");
        let external = ExternalReports { domain: "example.net".to_owned(), agreed };
        evidence.dns_email.as_mut().unwrap().dmarc.as_mut().unwrap().external = vec![external];
        evidence
    }

    #[test]
    fn the_other_domain_has_to_agree() {
        assert_eq!(
            judged(&CHECK, &with_external(Ok(false))),
            "fail: example.net has no record that agrees to receive reports"
        );
        assert_eq!(judged(&CHECK, &with_external(Ok(true))), "pass");
        assert_eq!(
            judged(&CHECK, &with_external(Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
