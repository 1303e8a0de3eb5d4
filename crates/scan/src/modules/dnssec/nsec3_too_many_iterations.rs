use model::Severity;

use super::{Denial, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.nsec3-too-many-iterations",
    title: "The zone asks for so much hashing that resolvers treat it as unsigned",
    severity: Severity::High,
    group: Group::Dns,
    standard: "RFC 9276, section 3.2; CVE-2023-50868",
    why: "Resolvers of 2026 compute at most 50 to 150 extra rounds. Above that the answer that \
          something does not exist is not protected at all, and may fail.",
    fix: "Sign the zone again with NSEC3 parameters `1 0 0 -`, or with NSEC.",
    paste: paste::PLAIN_NSEC3,
    run,
    ..Check::BASE
};

/// What the strictest of the common resolvers computes.
const MOST: u16 = 50;

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if let Err(verdict) = signed_zone(evidence)? {
        return Ok(verdict);
    }
    match chain(evidence)?.denial {
        None => Err(Missing("no proof of the zone was seen".to_owned())),
        Some(Denial::Nsec) => Ok(Verdict::NotApplicable("the zone uses NSEC")),
        Some(Denial::Nsec3 { iterations, .. }) => {
            Ok(Verdict::fail_if(iterations > MOST, || format!("{iterations} extra iterations")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn more_rounds_than_resolvers_do_protect_nothing() {
        let judge = |iterations: u16, salt_octets: usize, opt_out: bool| {
            let denial = Denial::Nsec3 { iterations, salt_octets, opt_out };
            judged(&CHECK, &sound(|chain| chain.denial = Some(denial)))
        };
        assert_eq!(judge(51, 0, false), "fail: 51 extra iterations");
        assert_eq!(judge(50, 8, true), "pass");
        assert_eq!(judged(&CHECK, &sound(|_| {})), "not applicable: the zone uses NSEC");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
