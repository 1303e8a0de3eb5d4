use model::Severity;

use super::{Denial, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.nsec3-opt-out",
    title: "The zone leaves gaps for unsigned names",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 9276, section 3.1; RFC 5155, section 6",
    why: "With opt-out an attacker can slip unsigned names into the zone. It is meant for \
          large registries with many unsigned delegations, not for the zone of one \
          organisation.",
    fix: "Sign the zone again without opt-out.",
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
        Some(Denial::Nsec3 { opt_out, .. }) => {
            Ok(Verdict::fail_if(opt_out, || "NSEC3 records carry the opt-out flag".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn gaps_are_for_registries() {
        let judge = |iterations: u16, salt_octets: usize, opt_out: bool| {
            let denial = Denial::Nsec3 { iterations, salt_octets, opt_out };
            judged(&CHECK, &sound(|chain| chain.denial = Some(denial)))
        };
        assert_eq!(judge(0, 0, true), "fail: NSEC3 records carry the opt-out flag");
        assert_eq!(judge(0, 8, false), "pass");
        assert_eq!(judged(&CHECK, &sound(|_| {})), "not applicable: the zone uses NSEC");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
