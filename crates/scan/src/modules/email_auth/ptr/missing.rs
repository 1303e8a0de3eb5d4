use model::Severity;

use super::judge_addresses;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Heard;

pub(super) const CHECK: Check = Check {
    id: "ptr.missing",
    title: "The address of a mail server has no name",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 1912, section 2.1",
    why: "Receivers distrust mail from addresses without a name. It matters when the server \
          sends as well as receives.",
    fix: "Ask whoever runs the network to give the address the name of the mail server.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_addresses(evidence, |reverse| {
        let names = reverse.names.as_ref().map_err(Clone::clone)?;
        Ok(Heard::bad_if(names.is_empty(), || {
            format!("has {}, which has no name", reverse.address)
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail};

    #[test]
    fn every_address_has_a_name() {
        let none = at_server(|server| server.reverse[0].names = Ok(Vec::new()));
        assert_eq!(judged(&CHECK, &none), "fail: mx.example.com has 192.0.2.1, which has no name");
        assert_eq!(judged(&CHECK, &at_server(|_| ())), "pass");
        let unseen =
            at_server(|server| server.reverse[0].names = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
