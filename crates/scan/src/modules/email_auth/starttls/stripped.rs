use model::Severity;

use super::stripped;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_servers};

pub(super) const CHECK: Check = Check {
    id: "starttls.stripped",
    title: "Something on the way takes encryption out of SMTP",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 7435, section 1; RFC 8461, section 1",
    why: "A firewall overwrites what the mail server offers, STARTTLS among it, so mail \
          travels in the clear.",
    fix: "Switch SMTP inspection off in the firewall (Cisco calls it `inspect esmtp`).",
    paste: paste::NO_INSPECTION,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_servers(evidence, "", |server| {
        let session = server.session.as_ref().map_err(Clone::clone)?;
        Ok(Heard::bad_if(stripped(session), || "has an offer overwritten with X".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, seen, unreached};

    #[test]
    fn an_offer_of_nothing_but_x_was_overwritten() {
        let hidden = at_server(|server| {
            server.session.as_mut().unwrap().extensions = vec!["XXXXXXXA".to_owned()];
        });
        assert_eq!(judged(&CHECK, &hidden), "fail: mx.example.com has an offer overwritten with X");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
