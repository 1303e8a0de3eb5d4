use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{Heard, judge_tls};
use crate::modules::ssl_tls::wire::hello::{TLS10, TLS11};

pub(super) const CHECK: Check = Check {
    id: "starttls.old-tls",
    title: "A mail server takes TLS 1.0 or 1.1",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8996",
    why: "Both versions rest on SHA-1 and MD5. For mail they are still better than no \
          encryption, so this weighs little.",
    fix: "Allow TLS 1.2 and later, once the log shows that no sender needs older versions.",
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
        let name = |version: &u16| match *version {
            TLS10 => Some("TLS 1.0"),
            TLS11 => Some("TLS 1.1"),
            _ => None,
        };
        let named: Vec<_> = old.iter().filter_map(name).collect();
        Ok(Heard::bad_if(!named.is_empty(), || format!("takes {}", named.join(" and "))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_tls, no_mail, seen, unreached};

    #[test]
    fn old_versions_are_named() {
        let old = in_tls(|tls| tls.old_versions = Ok(vec![0x0302, 0x0301]));
        assert_eq!(judged(&CHECK, &old), "fail: mx.example.com takes TLS 1.1 and TLS 1.0");
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        let silent = in_tls(|tls| tls.old_versions = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
