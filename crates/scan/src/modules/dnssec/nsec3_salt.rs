use model::Severity;

use super::{Denial, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.nsec3-salt",
    title: "The zone salts its hashed names",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 9276, section 3.1",
    why: "The domain's name is part of every hash already, so a salt adds octets and work but \
          no secrecy.",
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
        Some(Denial::Nsec3 { salt_octets, .. }) => {
            Ok(Verdict::fail_if(salt_octets > 0, || format!("a salt of {salt_octets} octets")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{sound, unseen, unsign};
    #[test]
    fn a_salt_adds_nothing() {
        let judge = |iterations: u16, salt_octets: usize, opt_out: bool| {
            let denial = Denial::Nsec3 { iterations, salt_octets, opt_out };
            judged(&CHECK, &sound(|chain| chain.denial = Some(denial)))
        };
        assert_eq!(judge(0, 8, false), "fail: a salt of 8 octets");
        assert_eq!(judge(0, 0, true), "pass");
        assert_eq!(judged(&CHECK, &sound(|_| {})), "not applicable: the zone uses NSEC");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
