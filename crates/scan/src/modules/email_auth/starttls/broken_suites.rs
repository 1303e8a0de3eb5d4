use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_tls};
use crate::modules::ssl_tls::wire::suites::suite_name;

pub(super) const CHECK: Check = Check {
    id: "starttls.broken-suites",
    title: "A mail server takes broken cipher suites",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 9325, section 4.1",
    why: "Suites without encryption, with export keys, RC4 or blocks of 64 bits protect mail \
          against nobody with means.",
    fix: "Allow suites with AES in GCM mode and ChaCha20.",
    paste: paste::SUITES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_tls(evidence, |tls| {
        let broken = tls.broken_suite.as_ref().map_err(Clone::clone)?;
        Ok(broken.map_or(Heard::Fine, |suite| Heard::Bad(format!("takes {}", suite_name(suite)))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_tls, no_mail, seen, unreached};

    #[test]
    fn a_broken_suite_is_named() {
        let rc4 = in_tls(|tls| tls.broken_suite = Ok(Some(0x0005)));
        assert_eq!(judged(&CHECK, &rc4), "fail: mx.example.com takes TLS_RSA_WITH_RC4_128_SHA");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
