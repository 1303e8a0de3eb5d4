use model::Severity;

use super::judge_records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Heard;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "dane.unusable",
    title: "A TLSA record means nothing to senders of mail",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 7672, section 3.1",
    why: "Senders skip records with a usage for browsers or a digest of the wrong length. \
          When none is left, DANE protects nothing.",
    fix: "Replace the record by `3 1 1` with the SHA-256 digest of the public key.",
    careful: Some(paste::CAREFUL_DANE),
    paste: paste::TLSA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_records(evidence, |_, records| {
        let bad = records.iter().find_map(|record| Some((record, record.unusable()?)));
        Ok(bad.map_or(Heard::Fine, |(record, why)| {
            Heard::Bad(format!("has a TLSA record `{}` that {why}", record.parameters()))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, tlsa};

    #[test]
    fn usages_for_browsers_are_not_for_mail() {
        assert_eq!(
            judged(&CHECK, &at_server(|server| server.tlsa = Ok(vec![tlsa(1, 1, 1)]))),
            "fail: mx.example.com has a TLSA record `1 1 1` that has a usage that is not for mail"
        );
        assert_eq!(judged(&CHECK, &at_server(|_| ())), "pass");
        let unseen = at_server(|server| server.tlsa = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let none = at_server(|server| server.tlsa = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
