use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_tls};
use crate::modules::ssl_tls::wire::hello::SSL3;

pub(super) const CHECK: Check = Check {
    id: "starttls.ssl3",
    title: "A mail server takes SSL 3.0",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 7568",
    why: "SSL 3.0 is broken. No mail server of this century needs it.",
    fix: "Allow TLS 1.2 and later.",
    careful: Some(
        "Servers that know no newer version send in clear then, where they do so at all: look \
         into the log for them.",
    ),
    paste: paste::VERSIONS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_tls(evidence, |tls| {
        let old = tls.old_versions.as_ref().map_err(Clone::clone)?;
        Ok(Heard::bad_if(old.contains(&SSL3), || "takes SSL 3.0".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_tls, no_mail, unreached};

    #[test]
    fn ssl3_is_seen() {
        let old = in_tls(|tls| tls.old_versions = Ok(vec![0x0300]));
        assert_eq!(judged(&CHECK, &old), "fail: mx.example.com takes SSL 3.0");
        assert_eq!(judged(&CHECK, &in_tls(|tls| tls.old_versions = Ok(vec![0x0301]))), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
