use model::Severity;

use super::judge_addresses;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::{Heard, listed};

pub(super) const CHECK: Check = Check {
    id: "ptr.not-confirmed",
    title: "The name of a mail server's address leads elsewhere",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 1912, section 2.1",
    why: "A name counts only when it leads back to the address; otherwise receivers treat it \
          like none.",
    fix: "Give the name an address record with the address, or the address another name.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_addresses(evidence, |reverse| {
        let names = reverse.names.as_ref().map_err(Clone::clone)?;
        if names.is_empty() {
            return Ok(Heard::Nothing);
        }
        let confirmed = reverse.confirmed.clone()?;
        Ok(Heard::bad_if(!confirmed, || {
            format!("has {}, whose name {} does not lead back", reverse.address, listed(names))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail};

    #[test]
    fn a_name_leads_back() {
        let other = at_server(|server| server.reverse[0].confirmed = Ok(false));
        assert_eq!(
            judged(&CHECK, &other),
            "fail: mx.example.com has 192.0.2.1, whose name mx.example.com does not lead back"
        );
        assert_eq!(judged(&CHECK, &at_server(|_| ())), "pass");
        let none = at_server(|server| server.reverse[0].names = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        let unseen =
            at_server(|server| server.reverse[0].confirmed = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
