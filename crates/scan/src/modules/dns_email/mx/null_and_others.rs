use model::Severity;

use super::{MxEvidence, seen};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mx.null-and-others",
    title: "The domain says that it takes no mail and names mail servers",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 7505, section 3",
    why: "A null MX must stand alone. With other records beside it some senders refuse to deliver \
          and others do.",
    fix: "Remove the null MX if the domain takes mail, or all other MX records if it does not.",
    careful: Some(
        "A null MX refuses all mail to the domain: publish it only where nobody is to be reached.",
    ),
    paste: &[Paste { tool: Tool::Dns, text: "{domain}. IN MX 0 ." }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match seen(evidence)? {
        MxEvidence { null: false, .. } => {
            Ok(Verdict::NotApplicable("the domain publishes no null MX"))
        }
        mx => Ok(Verdict::fail_if(mx.has_mail(), || {
            format!("{} other MX records stand beside the null MX", mx.hosts.len())
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::super::host;
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn a_null_mx_stands_alone() {
        let judge = |null, mx: MxEvidence| {
            judged(&CHECK, &seen(|dns| dns.mx = Ok(MxEvidence { null, ..mx })))
        };
        assert_eq!(
            judge(true, host("mail.example.com", 1, false)),
            "fail: 1 other MX records stand beside the null MX"
        );
        assert_eq!(judge(true, MxEvidence::default()), "pass");
        assert_eq!(
            judge(false, host("mail.example.com", 1, false)),
            "not applicable: the domain publishes no null MX"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
