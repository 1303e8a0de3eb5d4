use model::Severity;

use super::records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "tlsrpt.missing",
    title: "Nobody hears when encryption of mail fails",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8460, section 3",
    why: "Senders that could not encrypt write daily reports to those who ask for them. \
          Without them, an attack or an expired certificate goes unnoticed.",
    fix: "Publish a TLS-RPT record with an address that somebody reads.",
    paste: paste::TLSRPT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    Ok(Verdict::fail_if(records.is_empty(), || "there is no TLS-RPT record".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn a_record_is_needed() {
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.tls_rpt = Ok(Vec::new()))),
            "fail: there is no TLS-RPT record"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.tls_rpt = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
