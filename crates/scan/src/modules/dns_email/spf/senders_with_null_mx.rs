use model::Severity;

use super::{NO_RECORD, single};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "spf.senders-with-null-mx",
    title: "The domain says that it has no mail and still approves senders",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 7505, section 4.2; M3AAWG Protecting Parked Domains",
    why: "A null MX says that the domain takes no mail, answers and bounces included, so many \
          receivers refuse what it sends. If it sends none, whoever controls one of the approved \
          hosts can send in its name.",
    fix: "Publish `v=spf1 -all` if the domain sends no mail; otherwise give it a mail server that takes \
          answers and bounces.",
    paste: &[Paste { tool: Tool::Dns, text: r#"{domain}. IN TXT "v=spf1 -all""# }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let mx = evidence.dns_email()?.mx.as_ref().map_err(Clone::clone)?;
    if !mx.null {
        return Ok(Verdict::NotApplicable("the domain has no null MX"));
    }
    Ok(record.first_sender().map_or(Verdict::Pass, |sender| {
        Verdict::Fail(format!(
            "a null MX, and an SPF record that approves hosts, `{sender}` for one"
        ))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::mx::MxEvidence;

    #[test]
    fn a_domain_without_mail_approves_nobody() {
        let judge = |text: &str, null: bool| {
            let mut evidence = with_record(text);
            evidence.dns_email.as_mut().unwrap().mx = Ok(MxEvidence { hosts: Vec::new(), null });
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge("v=spf1 include:_spf.example.net ~all", true),
            "fail: a null MX, and an SPF record that approves hosts, `include:_spf.example.net` for one"
        );
        assert_eq!(judge("v=spf1 -all", true), "pass");
        assert_eq!(
            judge("v=spf1 include:_spf.example.net ~all", false),
            "not applicable: the domain has no null MX"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
