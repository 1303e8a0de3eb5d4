use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::{Heard, judge_tls};

pub(super) const CHECK: Check = Check {
    id: "starttls.no-tls13",
    title: "A mail server does not offer TLS 1.3",
    severity: Severity::Info,
    group: Group::MailTransport,
    standard: "RFC 9852",
    why: "TLS 1.3 is faster and leaves out what was broken before.",
    fix: "Update the TLS library of the mail server.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_tls(evidence, |tls| {
        let handshake = tls.handshake.as_ref().map_err(Clone::clone)?;
        Ok(Heard::bad_if(handshake.version != "TLSv1_3", || {
            format!("agrees on {} at best", handshake.version.replace('_', "."))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_tls, no_mail, seen, unreached};

    #[test]
    fn a_current_client_gets_tls13() {
        let old = in_tls(|tls| tls.handshake.as_mut().unwrap().version = "TLSv1_2".to_owned());
        assert_eq!(judged(&CHECK, &old), "fail: mx.example.com agrees on TLSv1.2 at best");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
