use model::Severity;

use super::{Denial, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.nsec3-iterations",
    title: "The zone asks for extra hashing",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 9276, section 3.1",
    why: "Extra rounds slow every resolver down and hide nothing: names are guessed on \
          graphics cards all the same.",
    fix: "Sign the zone again with NSEC3 parameters `1 0 0 -`: no extra iterations and no \
          salt.",
    paste: paste::PLAIN_NSEC3,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if let Err(verdict) = signed_zone(evidence)? {
        return Ok(verdict);
    }
    match chain(evidence)?.denial {
        None => Err(Missing("no proof of the zone was seen".to_owned())),
        Some(Denial::Nsec) => Ok(Verdict::NotApplicable("the zone uses NSEC")),
        Some(Denial::Nsec3 { iterations, .. }) => {
            Ok(Verdict::fail_if(iterations > 0, || format!("{iterations} extra iterations")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn rounds_hide_nothing() {
        let judge = |iterations: u16, salt_octets: usize, opt_out: bool| {
            let denial = Denial::Nsec3 { iterations, salt_octets, opt_out };
            judged(&CHECK, &sound(|chain| chain.denial = Some(denial)))
        };
        assert_eq!(judge(1, 0, false), "fail: 1 extra iterations");
        assert_eq!(judge(0, 8, true), "pass");
        assert_eq!(judged(&CHECK, &sound(|_| {})), "not applicable: the zone uses NSEC");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
