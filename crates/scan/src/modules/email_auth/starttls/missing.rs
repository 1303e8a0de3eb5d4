use model::Severity;

use super::stripped;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_servers};

pub(super) const CHECK: Check = Check {
    id: "starttls.missing",
    title: "A mail server does not offer encryption",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 3207; RFC 7435",
    why: "Mail to the domain travels in the clear, and everybody on the way can read and \
          change it.",
    fix: "Give the mail server a certificate and offer STARTTLS at port 25.",
    paste: paste::STARTTLS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_servers(evidence, "", |server| {
        let session = server.session.as_ref().map_err(Clone::clone)?;
        if stripped(session) {
            return Err(Missing(format!("something on the way hides what {} offers", server.name)));
        }
        Ok(Heard::bad_if(server.tls.is_none(), || "does not offer STARTTLS".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, seen, unreached};

    #[test]
    fn a_mail_server_offers_encryption() {
        let without = at_server(|server| server.tls = None);
        assert_eq!(judged(&CHECK, &without), "fail: mx.example.com does not offer STARTTLS");
        let hidden = at_server(|server| {
            server.tls = None;
            server.session.as_mut().unwrap().extensions = vec!["XXXXXXXA".to_owned()];
        });
        assert!(judged(&CHECK, &hidden).starts_with("missing"));
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
