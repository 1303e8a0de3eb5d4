use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_tls};

pub(super) const CHECK: Check = Check {
    id: "starttls.fails",
    title: "A mail server offers encryption that does not work",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 3207, section 4",
    why: "Senders that begin with STARTTLS and fail deliver later, in the clear, or not at \
          all.",
    fix: "Look into the log of the mail server for the certificate or key it cannot use.",
    paste: paste::STARTTLS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_tls(evidence, |tls| match (&tls.failed, &tls.handshake) {
        (Some(reason), _) => Ok(Heard::Bad(format!("offers STARTTLS, but {reason}"))),
        (None, Ok(_)) => Ok(Heard::Fine),
        (None, Err(missing)) => Err(missing.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_tls, no_mail, seen, unreached};

    #[test]
    fn an_offer_has_to_work() {
        let broken = in_tls(|tls| tls.failed = Some("the server hung up".to_owned()));
        assert_eq!(
            judged(&CHECK, &broken),
            "fail: mx.example.com offers STARTTLS, but the server hung up"
        );
        let silent = in_tls(|tls| tls.handshake = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
