use model::Severity;

use super::records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "caa.missing",
    title: "Any authority may issue certificates for the domain",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 8659, section 3",
    why: "Without CAA records every certificate authority may issue for the domain, so the \
          weakest of them decides.",
    fix: "Publish a CAA record for each authority you use; its documentation gives the value, \
          such as `letsencrypt.org`, `digicert.com`, `pki.goog` or `amazon.com`.",
    careful: Some(paste::CAREFUL_CAA),
    paste: paste::CAA,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    Ok(Verdict::fail_if(records(evidence)?.is_none(), || {
        "neither the domain nor a parent has a CAA record".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_properties;
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_domain_names_its_authorities() {
        assert_eq!(
            judged(&CHECK, &with_properties(&[])),
            "fail: neither the domain nor a parent has a CAA record"
        );
        assert_eq!(judged(&CHECK, &with_properties(&[(false, "issue", "ca.example.net")])), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
