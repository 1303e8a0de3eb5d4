use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{date_problem, judge_chains};

pub(super) const CHECK: Check = Check {
    id: "starttls.certificate-date",
    title: "The certificate of a mail server is not valid today",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 5280, section 4.1.2.5",
    why: "Senders that check certificates do not deliver; the others learn not to look.",
    fix: "Renew the certificate, and have the mail server load it.",
    paste: paste::MAIL_CERTIFICATE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let now = evidence.seen_at()?;
    judge_chains(evidence, |chain| date_problem(chain, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_chain, no_mail, unreached};

    #[test]
    fn an_expired_certificate_is_seen() {
        let judge = |days: i64| {
            judged(
                &CHECK,
                &in_chain(|chain| {
                    let leaf = &mut chain.certificates[0];
                    leaf.not_after = leaf.not_after.plus_ms(days * model::DAY_MS);
                }),
            )
        };
        assert_eq!(judge(-90), "fail: mx.example.com has a certificate that has expired");
        assert_eq!(judge(0), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
