use model::Severity;

use super::{Issuer, NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "caa.invalid",
    title: "A CAA record cannot be read",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 8659, section 4.2",
    why: "An authority that cannot read the value acts as if the record named nobody, so renewal \
          fails unless another record allows it.",
    fix: "Write the authority as a bare domain name, with parameters as `tag=value` after \
          semicolons.",
    careful: Some(paste::CAREFUL_CAA),
    paste: paste::CAA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let broken = records.iter().filter(|property| property.names_issuer()).flat_map(|property| {
        let tag = &property.tag;
        Issuer::parse(&property.value).errors.into_iter().map(move |e| format!("{tag}: {e}"))
    });
    let broken: Vec<_> = broken.collect();
    Ok(Verdict::fail_if(!broken.is_empty(), || listed(&broken)))
}

#[cfg(test)]
mod tests {
    use super::super::with_properties;
    use super::*;
    use crate::check::judged;

    #[test]
    fn every_value_can_be_read() {
        assert_eq!(
            judged(&CHECK, &with_properties(&[(false, "issue", "https://ca.example.net")])),
            "fail: issue: `https://ca.example.net` is no domain name"
        );
        assert_eq!(
            judged(&CHECK, &with_properties(&[(false, "issue", ";"), (false, "iodef", "x y")])),
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
