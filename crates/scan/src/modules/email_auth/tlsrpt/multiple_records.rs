use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "tlsrpt.multiple-records",
    title: "Several TLS-RPT records cancel each other out",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8460, section 3",
    why: "Senders that find more than one record act as if there were none.",
    fix: "Keep one record; it may hold several addresses.",
    paste: paste::TLSRPT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    match records.len() {
        0 => Ok(Verdict::NotApplicable(NO_RECORD)),
        1 => Ok(Verdict::Pass),
        count => Ok(Verdict::Fail(format!("there are {count} TLS-RPT records"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn two_records_are_none() {
        let two = seen(|mail| {
            let records = mail.tls_rpt.as_mut().unwrap();
            records.push(records[0].clone());
        });
        assert_eq!(judged(&CHECK, &two), "fail: there are 2 TLS-RPT records");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.tls_rpt = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
