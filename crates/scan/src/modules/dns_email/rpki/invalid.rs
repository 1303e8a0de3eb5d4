use model::Severity;

use super::{Validity, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "rpki.invalid",
    title: "Addresses of the domain are announced by a network that may not",
    severity: Severity::High,
    group: Group::Routing,
    standard: "RFC 6811, section 2; RFC 9582",
    why: "The holder of the addresses has signed which network may announce them and how finely, \
          and this announcement does not fit. Either the signature is wrong and networks that \
          check it cannot reach the server, or somebody has taken the addresses over.",
    fix: "Ask whoever announces the addresses at once. When the announcement is right, correct the ROA \
          at the regional registry: the origin and the longest prefix that is announced.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |route, origin, validity| match validity {
        Validity::Invalid { allowed } => Some(format!(
            "{} comes from AS{origin}, allowed is {}",
            route.network,
            allowed.join(", ")
        )),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{RpkiEvidence, with};
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn who_announces_an_address_may() {
        let invalid = Validity::Invalid { allowed: vec!["AS64501 up to /24".to_owned()] };
        assert_eq!(
            judged(&CHECK, &with(Ok(invalid))),
            "fail: the web server (192.0.2.1): 192.0.2.0/24 comes from AS64500, allowed is AS64501 \
             up to /24"
        );
        assert_eq!(judged(&CHECK, &with(Ok(Validity::Valid))), "pass");
        assert_eq!(judged(&CHECK, &with(Ok(Validity::NotFound))), "pass");
        let unseen = with(Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        let none = seen(|dns_email| dns_email.rpki = Ok(RpkiEvidence::default()));
        assert_eq!(judged(&CHECK, &none), "not applicable: the domain has no address");
    }
}
