use model::Severity;

use super::mta_sts;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.missing",
    title: "Senders are not told to insist on encryption",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8461, section 3.1",
    why: "Whoever stands between two mail servers can switch STARTTLS off, and the mail \
          arrives in the clear. MTA-STS tells senders not to accept that.",
    fix: "Publish an MTA-STS record, a host `mta-sts` with a certificate, and there a policy at \
          `/.well-known/mta-sts.txt` that lists every mail server, at first in mode `testing`.",
    careful: Some(paste::CAREFUL_MTASTS),
    paste: paste::MTASTS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(sts) = mta_sts(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    Ok(Verdict::fail_if(sts.records.is_empty(), || "there is no MTA-STS record".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn a_record_is_needed() {
        let none = seen(|mail| mail.mta_sts.as_mut().unwrap().records.clear());
        assert_eq!(judged(&CHECK, &none), "fail: there is no MTA-STS record");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
