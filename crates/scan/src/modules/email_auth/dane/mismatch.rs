use model::Severity;

use super::judge_records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::Heard;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "dane.mismatch",
    title: "The certificate of a mail server is not the one in DNS",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 7672, section 2.2",
    why: "Senders that validate DANE do not deliver to this server until record and \
          certificate agree.",
    fix: "Publish the digest of the new key before it is used, and remove the old record \
          some days after.",
    careful: Some(paste::CAREFUL_DANE),
    paste: paste::TLSA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_records(evidence, |server, records| {
        let usable: Vec<_> = records.iter().filter(|record| record.unusable().is_none()).collect();
        // Senders ignore records that are not signed, and those they cannot use.
        if usable.is_empty() || !server.signed.clone()? {
            return Ok(Heard::Nothing);
        }
        // One that matches is enough: the others are for keys before or after this one.
        if usable.iter().any(|record| record.matches == Some(true)) {
            return Ok(Heard::Fine);
        }
        if usable.iter().any(|record| record.matches.is_none()) {
            let unseen = Missing(format!("the certificate of {} was not seen", server.name));
            return Err(server.session.as_ref().err().cloned().unwrap_or(unseen));
        }
        Ok(Heard::Bad(format!("matches none of its {} TLSA records", usable.len())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::TlsaRecord;
    use crate::modules::email_auth::sample::{at_server, no_mail, tlsa};

    #[test]
    fn one_record_that_matches_is_enough() {
        let judge = |matches: &[Option<bool>]| {
            let records =
                matches.iter().map(|matches| TlsaRecord { matches: *matches, ..tlsa(3, 1, 1) });
            judged(&CHECK, &at_server(|server| server.tlsa = Ok(records.collect())))
        };
        assert_eq!(
            judge(&[Some(false), Some(false)]),
            "fail: mx.example.com matches none of its 2 TLSA records"
        );
        assert_eq!(judge(&[Some(false), Some(true)]), "pass");
        let ignored = at_server(|server| {
            server.signed = Ok(false);
            server.tlsa = Ok(vec![TlsaRecord { matches: Some(false), ..tlsa(3, 1, 1) }]);
        });
        assert!(judged(&CHECK, &ignored).starts_with("not applicable"));
        assert_eq!(judge(&[None]), "missing: the certificate of mx.example.com was not seen");
        let unseen = at_server(|server| server.tlsa = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let none = at_server(|server| server.tlsa = Ok(Vec::new()));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
