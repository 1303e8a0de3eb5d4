use model::Severity;

use super::{Validity, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "rpki.not-found",
    title: "Nobody has signed who may announce the domain's addresses",
    severity: Severity::Low,
    group: Group::Routing,
    standard: "RFC 6811, section 2; RFC 9582",
    why: "Without a route origin authorisation (ROA) a network that announces the addresses by mistake \
          or on purpose is believed by everybody.",
    fix: "Sign a ROA for the prefix at the regional registry (RIPE, ARIN, APNIC, LACNIC, AFRINIC), or \
          ask the provider whose addresses they are to do so.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |route, origin, validity| match validity {
        Validity::NotFound => {
            Some(format!("there is no ROA for {} from AS{origin}", route.network))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::with;
    use super::*;
    use crate::check::judged;

    #[test]
    fn there_is_an_authorisation() {
        assert_eq!(
            judged(&CHECK, &with(Ok(Validity::NotFound))),
            "fail: the web server (192.0.2.1): there is no ROA for 192.0.2.0/24 from AS64500"
        );
        assert_eq!(judged(&CHECK, &with(Ok(Validity::Valid))), "pass");
        let unseen = with(Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
