use model::Severity;

use super::{AccessAnswer, Told, judge_places};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mailaccess.cleartext",
    title: "Mail programs sign in and read mail without encryption",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 8314, section 4.1",
    why: "Whoever is on the same network reads the password of the mailbox, and with it resets \
          every other password.",
    fix: "Offer the service with TLS from the first byte on (ports 993, 995 and 465), and close the \
          port in clear or insist on STARTTLS there.",
    careful: Some(
        "Programs that were set up without encryption stop signing in: tell \
         their people the new port first.",
    ),
    paste: &[
        Paste { tool: Tool::Dovecot, text: "ssl = required" },
        Paste {
            tool: Tool::Postfix,
            text: "# main.cf\nsmtpd_tls_auth_only = yes\nsmtpd_tls_security_level = may",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_places(evidence, |answer| {
        Ok(match answer {
            AccessAnswer::Clear { offers_tls: false } => Told::Bad("offers no STARTTLS".to_owned()),
            _ => Told::Fine,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::mailaccess::{Service, announcing, implicit, unanswered};

    #[test]
    fn what_cannot_be_encrypted_is_named() {
        let clear = |offers_tls| {
            let answer = AccessAnswer::Clear { offers_tls };
            judged(&CHECK, &announcing(&[Service::Imap], Service::Imap, Ok(answer)))
        };
        assert_eq!(clear(false), "fail: mail.example.com offers no STARTTLS (imap, port 143)");
        assert_eq!(clear(true), "pass");
        assert_eq!(judged(&CHECK, &implicit(|_, _| ())), "pass");
        let silent = judged(&CHECK, &unanswered());
        assert_eq!(silent, "missing: mail.example.com (imaps): silence");
    }
}
