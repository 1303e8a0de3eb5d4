use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "caa.no-issuer",
    title: "CAA records are there but restrict nobody",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 8659, section 4.2",
    why: "Only `issue` and `issuewild` restrict who may issue certificates for web servers. \
          Without `issue` any authority may issue for the plain name.",
    fix: "Add an `issue` property for each authority you use.",
    careful: Some(paste::CAREFUL_CAA),
    paste: paste::CAA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let restricts = records.iter().any(|property| property.tag == "issue");
    Ok(Verdict::fail_if(!restricts, || {
        let mut tags: Vec<_> = records.iter().map(|property| property.tag.as_str()).collect();
        tags.dedup();
        format!("there is no `issue` property, only `{}`", tags.join("`, `"))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_properties;
    use super::*;
    use crate::check::judged;

    #[test]
    fn somebody_is_restricted() {
        assert_eq!(
            judged(&CHECK, &with_properties(&[(false, "iodef", "mailto:a@example.com")])),
            "fail: there is no `issue` property, only `iodef`"
        );
        assert_eq!(judged(&CHECK, &with_properties(&[(false, "issue", ";")])), "pass");
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
