use model::Severity;

use super::access;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mailaccess.no-implicit-tls",
    title: "Mail programs are told of services that begin in clear, and of no others",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8314, sections 3 and 4.5.2",
    why: "Where a connection begins in clear, somebody in between can take the offer of TLS away, \
          and some programs go on without it.",
    fix: "Serve IMAP, POP3 and submission with TLS from the first byte on, and announce that.",
    paste: &[Paste {
        tool: Tool::Dns,
        text: "_imaps._tcp.{domain}. IN SRV 0 1 993 mail.{domain}.\n\
               _submissions._tcp.{domain}. IN SRV 0 1 465 mail.{domain}.",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let announced = &access(evidence)?.announced;
    if announced.is_empty() {
        return Ok(Verdict::NotApplicable("the domain announces no service for mail programs"));
    }
    let lacking: Vec<_> = announced
        .iter()
        .filter_map(|service| Some((service, service.implicit()?)))
        .filter(|(_, implicit)| !announced.contains(implicit))
        .map(|(service, implicit)| {
            format!("`_{}` but not `_{}`", service.name_and_port().0, implicit.name_and_port().0)
        })
        .collect();
    Ok(Verdict::fail_if(!lacking.is_empty(), || {
        format!("SRV records announce {}", lacking.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::mailaccess::{AccessAnswer, Service, announcing};
    use crate::modules::email_auth::sample::seen;

    fn judge(announced: &[Service]) -> String {
        let answer = Ok(AccessAnswer::Clear { offers_tls: true });
        judged(&CHECK, &announcing(announced, Service::Imap, answer))
    }

    #[test]
    fn what_begins_in_clear_needs_a_twin_that_does_not() {
        assert_eq!(
            judge(&[Service::Imap, Service::Submission, Service::Submissions]),
            "fail: SRV records announce `_imap` but not `_imaps`"
        );
        assert_eq!(judge(&[Service::Imap, Service::Imaps]), "pass");
        assert!(judge(&[]).starts_with("not applicable"));
        let unasked = seen(|mail| mail.access = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unasked), "missing: silence");
    }
}
