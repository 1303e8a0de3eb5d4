use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::{Heard, judge_servers};

pub(super) const CHECK: Check = Check {
    id: "starttls.unnamed-greeting",
    title: "A mail server greets without its name",
    severity: Severity::Info,
    group: Group::MailTransport,
    standard: "RFC 5321, section 4.2",
    why: "The greeting begins with the name of the server; some senders take another word \
          for a sign of a fault.",
    fix: "Set the host name of the mail server.",
    paste: &[
        Paste { tool: Tool::Postfix, text: "myhostname = YOUR-MAIL-SERVER" },
        Paste { tool: Tool::Exim, text: "primary_hostname = YOUR-MAIL-SERVER" },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_servers(evidence, "", |server| {
        let session = server.session.as_ref().map_err(Clone::clone)?;
        let name = &session.greeting_name;
        let is_host = |label: &str| {
            !label.is_empty() && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        let named = name.starts_with('[') || name.contains('.') && name.split('.').all(is_host);
        Ok(Heard::bad_if(!named, || format!("greets as `{name}`")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, unreached};

    #[test]
    fn a_greeting_begins_with_a_name() {
        let judge = |name: &str| {
            judged(
                &CHECK,
                &at_server(|server| {
                    server.session.as_mut().unwrap().greeting_name = name.to_owned();
                }),
            )
        };
        assert_eq!(judge("localhost"), "fail: mx.example.com greets as `localhost`");
        assert_eq!(judge(""), "fail: mx.example.com greets as ``");
        assert_eq!(judge("mail.example.com"), "pass");
        assert_eq!(judge("[192.0.2.1]"), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
