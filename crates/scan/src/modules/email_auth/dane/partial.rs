use model::Severity;

use super::NO_RECORDS;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_servers};

pub(super) const CHECK: Check = Check {
    id: "dane.partial",
    title: "Some mail servers have TLSA records, others have none",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 7672, section 2.2",
    why: "An attacker blocks the protected servers, and the mail goes in the clear to the \
          others.",
    fix: "Publish TLSA records for every mail server.",
    careful: Some(paste::CAREFUL_DANE),
    paste: paste::TLSA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mail = evidence.mail()?;
    let with = |wanted: bool| {
        mail.servers
            .iter()
            .find(|server| server.tlsa.as_ref().is_ok_and(|records| records.is_empty() != wanted))
    };
    judge_servers(evidence, NO_RECORDS, |server| {
        let records = server.tlsa.as_ref().map_err(Clone::clone)?;
        Ok(match (records.is_empty(), with(true)) {
            (_, None) => Heard::Nothing,
            (false, _) => Heard::Fine,
            (true, Some(other)) => {
                Heard::Bad(format!("has no TLSA record, while {} has one", other.name))
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, seen, server};

    #[test]
    fn one_server_without_records_is_enough() {
        let two = seen(|mail| {
            let mut other = server("mx2.example.com");
            other.tlsa = Ok(Vec::new());
            mail.servers.push(other);
        });
        assert_eq!(
            judged(&CHECK, &two),
            "fail: mx2.example.com has no TLSA record, while mx.example.com has one"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        let unseen = at_server(|server| server.tlsa = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let none = at_server(|server| server.tlsa = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
