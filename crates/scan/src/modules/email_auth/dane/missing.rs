use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_servers};

pub(super) const CHECK: Check = Check {
    id: "dane.missing",
    title: "The certificates of the mail servers are not in DNS",
    severity: Severity::Info,
    group: Group::MailTransport,
    standard: "RFC 7672",
    why: "With DANE, senders insist on encryption and know the certificate without any \
          authority. It needs DNSSEC.",
    fix: "Sign the zone, then publish `3 1 1` records for every mail server.",
    careful: Some(paste::CAREFUL_DANE),
    paste: paste::TLSA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_servers(evidence, "", |server| {
        let records = server.tlsa.as_ref().map_err(Clone::clone)?;
        Ok(Heard::bad_if(records.is_empty(), || "has no TLSA record".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail};

    #[test]
    fn every_server_has_records() {
        assert_eq!(
            judged(&CHECK, &at_server(|server| server.tlsa = Ok(Vec::new()))),
            "fail: mx.example.com has no TLSA record"
        );
        assert_eq!(judged(&CHECK, &at_server(|_| ())), "pass");
        let unseen = at_server(|server| server.tlsa = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
