use model::Severity;

use super::judge_records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, TlsaRecord};

pub(super) const CHECK: Check = Check {
    id: "dane.not-recommended",
    title: "TLSA records are of a kind that breaks easily",
    severity: Severity::Info,
    group: Group::MailTransport,
    standard: "RFC 7672, section 3.1; RFC 7671, section 5.1",
    why: "Records for an authority or a whole certificate break when a renewal brings another one, \
          records without a digest make answers long.",
    fix: "Use `3 1 1`: the SHA-256 digest of the public key, which may stay when the \
          certificate is renewed.",
    careful: Some(paste::CAREFUL_DANE),
    paste: paste::TLSA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_records(evidence, |_, records| {
        let good = |record: &TlsaRecord| (record.usage, record.selector) == (3, 1);
        let other = records
            .iter()
            .find(|record| record.unusable().is_none() && !(good(record) && record.matching == 1));
        Ok(other.map_or(Heard::Fine, |record| {
            Heard::Bad(format!("has a TLSA record `{}`", record.parameters()))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, tlsa};

    #[test]
    fn the_digest_of_the_key_is_recommended() {
        let judge = |record| judged(&CHECK, &at_server(|server| server.tlsa = Ok(vec![record])));
        assert_eq!(judge(tlsa(2, 0, 1)), "fail: mx.example.com has a TLSA record `2 0 1`");
        assert_eq!(judge(tlsa(3, 1, 2)), "fail: mx.example.com has a TLSA record `3 1 2`");
        assert_eq!(judge(tlsa(3, 1, 1)), "pass");
        let unseen = at_server(|server| server.tlsa = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let none = at_server(|server| server.tlsa = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
