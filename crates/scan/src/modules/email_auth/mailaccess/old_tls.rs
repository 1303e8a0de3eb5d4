use model::Severity;

use super::{AccessAnswer, Told, judge_places};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::wire::hello::SSL3;

pub(super) const CHECK: Check = Check {
    id: "mailaccess.old-tls",
    title: "Mail programs are served with versions of TLS that are given up",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 8997, section 3",
    why: "Unlike senders of mail, mail programs have a password to lose, and every one of the last \
          ten years speaks TLS 1.2.",
    fix: "Take TLS 1.2 and later alone.",
    careful: Some(
        "Programs and devices from before 2014 stop signing in: look into the \
         log for who still comes with an old version.",
    ),
    paste: &[
        Paste { tool: Tool::Dovecot, text: "ssl_min_protocol = TLSv1.2" },
        Paste { tool: Tool::Postfix, text: "smtpd_tls_mandatory_protocols = >=TLSv1.2" },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_places(evidence, |answer| {
        let AccessAnswer::Tls { old_versions, .. } = answer else { return Ok(Told::Nothing) };
        let oldest = old_versions.as_ref().map_err(Clone::clone)?.iter().min();
        Ok(match oldest {
            None => Told::Fine,
            Some(version) if *version == SSL3 => Told::Bad("takes SSL 3.0".to_owned()),
            Some(version) => Told::Bad(format!("takes TLS 1.{}", (version & 0xff) - 1)),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::mailaccess::{implicit, unanswered};

    #[test]
    fn the_oldest_version_is_named() {
        let takes = |version| judged(&CHECK, &implicit(|_, old| old.push(version)));
        assert_eq!(takes(0x0301), "fail: mail.example.com takes TLS 1.0 (imaps, port 993)");
        assert_eq!(takes(0x0300), "fail: mail.example.com takes SSL 3.0 (imaps, port 993)");
        assert_eq!(judged(&CHECK, &implicit(|_, _| ())), "pass");
        assert!(judged(&CHECK, &unanswered()).starts_with("missing"));
    }
}
