use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{judge_chains, name_problem};

pub(super) const CHECK: Check = Check {
    id: "starttls.certificate-name",
    title: "The certificate of a mail server is for another name",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 7817, section 3; RFC 8461, section 4.2",
    why: "Senders that check certificates cannot tell the server from an impostor. Most do \
          not check yet.",
    fix: "Issue a certificate for the name in the MX record.",
    paste: paste::MAIL_CERTIFICATE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_chains(evidence, name_problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_chain, no_mail, seen, unreached};

    #[test]
    fn says_whom_it_is_for() {
        let other = in_chain(|chain| {
            chain.name_matches = false;
            chain.certificates[0].names = vec!["localhost.test".to_owned()];
        });
        assert_eq!(
            judged(&CHECK, &other),
            "fail: mx.example.com has a certificate for localhost.test"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
