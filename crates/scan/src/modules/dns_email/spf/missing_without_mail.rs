use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::mx::has_mail;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.missing-without-mail",
    title: "The domain takes no mail and does not say that none may be sent",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 10.1.2",
    why: "A domain without mail is a welcome sender for forgers, and nothing tells receivers \
          that no host may send for it.",
    fix: "Publish `v=spf1 -all`.",
    careful: Some(paste::CAREFUL_SPF),
    paste: &[Paste { tool: Tool::Dns, text: r#"{domain}. IN TXT "v=spf1 -all""# }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    if has_mail(evidence)? {
        return Ok(Verdict::NotApplicable("the domain takes mail"));
    }
    Ok(match spf.texts.is_empty() {
        true => Verdict::Fail("no TXT record begins with `v=spf1`".to_owned()),
        false => Verdict::fail_if(spf.is_broken() && !spf.names_senders(), || {
            "what is published is an error to receivers, as if there were no record".to_owned()
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;
    use crate::modules::dns_email::spf::SpfEvidence;

    #[test]
    fn a_domain_without_mail_says_so() {
        let judge = |texts: &[&str]| {
            let texts = texts.iter().map(|text| (*text).to_owned()).collect();
            judged(
                &CHECK,
                &seen(|dns| {
                    dns.mx = Ok(Default::default());
                    dns.spf = Ok(SpfEvidence { texts, ..Default::default() });
                }),
            )
        };
        assert_eq!(judge(&[]), "fail: no TXT record begins with `v=spf1`");
        assert_eq!(judge(&["v=spf1 -all"]), "pass");
        assert_eq!(
            judge(&["v=spf1 -all", "v=spf1 -all"]),
            "fail: what is published is an error to receivers, as if there were no record"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
