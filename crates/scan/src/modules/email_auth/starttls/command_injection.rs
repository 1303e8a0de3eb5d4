use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::{Heard, judge_servers};

pub(super) const CHECK: Check = Check {
    id: "starttls.command-injection",
    title: "A command from before encryption counts under it (STARTTLS injection)",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "CVE-2011-0411; RFC 3207, section 4.2",
    why: "Somebody on the network puts commands behind `STARTTLS`, which the server takes for the \
          client's own once TLS is on: letters or passwords of that client end up with the \
          attacker.",
    fix: "Update the mail server: Postfix 2.7.3, 2.6.9, 2.5.12 and 2.4.16 throw away what came in \
          clear, as all from 2.8 on do. Where a proxy or a TLS wrapper stands before it, update \
          that.",
    paste: &[Paste {
        tool: Tool::Postfix,
        text: "# main.cf, besides the update: refuse commands that come too early\n\
               smtpd_forbid_unauth_pipelining = yes",
    }],
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let none = "no mail server offers STARTTLS whose ownership is proven";
    judge_servers(evidence, none, |server| {
        server.session.as_ref().map_err(Clone::clone)?;
        let Some(injection) = &server.injection else { return Ok(Heard::Nothing) };
        Ok(Heard::bad_if(injection.clone()?, || {
            "answers a `NOOP` under TLS that came in clear behind `STARTTLS`".to_owned()
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{at_server, no_mail, seen, unreached};

    #[test]
    fn what_came_in_clear_does_not_count() {
        let with = |injection| judged(&CHECK, &at_server(|server| server.injection = injection));
        assert_eq!(
            with(Some(Ok(true))),
            "fail: mx.example.com answers a `NOOP` under TLS that came in clear behind `STARTTLS`"
        );
        assert_eq!(with(Some(Ok(false))), "pass");
        assert_eq!(with(Some(Err(Missing("silence".to_owned())))), "missing: silence");
        assert_eq!(
            judged(&CHECK, &seen(|_| ())),
            "not applicable: no mail server offers STARTTLS whose ownership is proven"
        );
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
