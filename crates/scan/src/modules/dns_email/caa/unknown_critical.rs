use model::Severity;

use super::{KNOWN, NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "caa.unknown-critical",
    title: "A CAA record forbids every certificate by accident",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 8659, section 4.5",
    why: "A property that is marked critical and unknown to an authority forbids it to \
          issue. Renewal will fail.",
    fix: "Correct the tag, or clear the critical flag.",
    careful: Some(paste::CAREFUL_CAA),
    paste: paste::CAA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let unknown = records
        .iter()
        .find(|property| property.critical && !KNOWN.contains(&property.tag.as_str()));
    Ok(unknown.map_or(Verdict::Pass, |property| {
        Verdict::Fail(format!("`{}` is critical and unknown", property.tag))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_properties;
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_critical_tag_is_known() {
        assert_eq!(
            judged(&CHECK, &with_properties(&[(true, "isue", "ca.example.net")])),
            "fail: `isue` is critical and unknown"
        );
        assert_eq!(
            judged(
                &CHECK,
                &with_properties(&[(true, "issue", "ca.example.net"), (false, "tbs", "x")])
            ),
            "pass"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
