use model::Severity;

use super::seen;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mx.undeclared",
    title: "The domain does not say whether it takes mail",
    severity: Severity::Info,
    group: Group::MailTransport,
    standard: "RFC 5321, section 5.1; RFC 7505, section 3",
    why: "Without MX records senders try the address of the domain itself, which is usually a web \
          server, for days. The checks here treat the domain as one without mail.",
    fix: "Publish an MX record for the server that takes the mail, or a null MX if none does and \
          the domain sends none.",
    careful: Some(
        "A null MX refuses all mail to the domain: publish it only where nobody is to be reached.",
    ),
    paste: &[Paste { tool: Tool::Dns, text: "{domain}. IN MX 0 ." }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mx = seen(evidence)?;
    if mx.null || mx.has_mail() {
        return Ok(Verdict::Pass);
    }
    let addresses = evidence.addresses.as_ref().ok_or_else(Missing::not_probed)?;
    if addresses.is_empty() {
        return Ok(Verdict::NotApplicable("the domain has no address that mail could go to"));
    }
    Ok(Verdict::Fail("no MX record, but an address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::{MxEvidence, host};
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn a_domain_says_whether_it_takes_mail() {
        let judge = |mx: MxEvidence, addresses: Option<usize>| {
            let mut evidence = seen(|dns| dns.mx = Ok(mx));
            evidence.addresses = addresses.map(|many| vec![[192, 0, 2, 1].into(); many]);
            judged(&CHECK, &evidence)
        };
        let none = MxEvidence::default;
        assert_eq!(judge(none(), Some(1)), "fail: no MX record, but an address");
        assert_eq!(judge(host("mail.example.com", 1, false), Some(1)), "pass");
        assert_eq!(judge(MxEvidence { null: true, ..none() }, Some(1)), "pass");
        assert_eq!(
            judge(none(), Some(0)),
            "not applicable: the domain has no address that mail could go to"
        );
        assert_eq!(judge(none(), None), "missing: not probed in this scan");
    }
}
