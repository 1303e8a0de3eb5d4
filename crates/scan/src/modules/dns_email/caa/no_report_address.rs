use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "caa.no-report-address",
    title: "CAA names nobody to tell about refused requests",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 8659, section 4.4",
    why: "With `iodef` an authority can tell you when somebody asked for a certificate that \
          your records forbid.",
    fix: "Add an `iodef` property with an address that is read.",
    careful: Some(paste::CAREFUL_CAA),
    paste: &[Paste {
        tool: Tool::Dns,
        text: "{domain}. IN CAA 0 iodef \"mailto:YOUR-MAILBOX@{domain}\"",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let told = records.iter().any(|property| property.tag == "iodef");
    Ok(Verdict::fail_if(!told, || "no `iodef` property".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::with_properties;
    use super::*;
    use crate::check::judged;

    #[test]
    fn somebody_is_told() {
        assert_eq!(
            judged(&CHECK, &with_properties(&[(false, "issue", "ca.example.net")])),
            "fail: no `iodef` property"
        );
        assert_eq!(
            judged(&CHECK, &with_properties(&[(false, "iodef", "mailto:a@example.com")])),
            "pass"
        );
        assert_eq!(
            judged(&CHECK, &with_properties(&[])),
            "not applicable: the domain has no CAA record"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
