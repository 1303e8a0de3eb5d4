use model::Severity;

use super::judge_records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Heard;

pub(super) const CHECK: Check = Check {
    id: "dane.not-signed",
    title: "TLSA records stand in a zone without DNSSEC",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 7672, section 2.2",
    why: "Senders ignore TLSA records that are not signed, since anybody on the way could \
          have written them.",
    fix: "Sign the zone the mail server is named in, or remove the records.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_records(evidence, |server, _| {
        let signed = server.signed.clone()?;
        Ok(Heard::bad_if(!signed, || "has TLSA records without a chain of trust".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail};

    #[test]
    fn records_need_a_signed_zone() {
        assert_eq!(
            judged(&CHECK, &at_server(|server| server.signed = Ok(false))),
            "fail: mx.example.com has TLSA records without a chain of trust"
        );
        assert_eq!(judged(&CHECK, &at_server(|_| ())), "pass");
        let unseen = at_server(|server| server.tlsa = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let none = at_server(|server| server.tlsa = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
