use model::Severity;

use super::{NO_MAIL, seen};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mx.alias",
    title: "An MX record points to an alias",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 2181, section 10.3",
    why: "The name in an MX record must not be a CNAME. Some senders refuse such servers, so mail is \
          lost at random.",
    fix: "Point the MX record to the name that the alias stands for.",
    paste: &[Paste { tool: Tool::Dns, text: "{domain}. IN MX 10 YOUR-MAIL-SERVER." }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mx = seen(evidence)?;
    if !mx.has_mail() {
        return Ok(Verdict::NotApplicable(NO_MAIL));
    }
    let alias = mx.hosts.iter().find(|host| host.alias);
    Ok(alias.map_or(Verdict::Pass, |host| Verdict::Fail(format!("{} is an alias", host.name))))
}

#[cfg(test)]
mod tests {
    use super::super::{MxEvidence, host};
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn a_mail_server_is_no_alias() {
        let judge = |mx: MxEvidence| judged(&CHECK, &seen(|dns| dns.mx = Ok(mx)));
        assert_eq!(judge(host("mail.example.com", 1, true)), "fail: mail.example.com is an alias");
        assert_eq!(judge(host("mail.example.com", 1, false)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
