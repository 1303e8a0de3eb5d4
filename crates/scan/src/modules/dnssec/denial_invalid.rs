use model::Severity;

use super::{Problem, breaks_by};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.denial-invalid",
    title: "The zone's proofs that something does not exist are wrong",
    severity: Severity::High,
    group: Group::Dns,
    standard: "RFC 4035, section 5.4; RFC 5155, section 8",
    why: "Resolvers that validate turn the answer `no such record` into a failure, so names \
          without IPv6 addresses or mail servers stop working for some users.",
    fix: "Sign the zone again so that its NSEC or NSEC3 chain is whole, and use one signer \
          only.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGN_AGAIN,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    breaks_by(Problem::DenialInvalid, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{break_by, sound, unseen, unsign};
    #[test]
    fn what_is_not_there_can_be_proven() {
        let other = match Problem::DenialInvalid {
            Problem::DsWithoutKey => Problem::SignatureMissing,
            _ => Problem::DsWithoutKey,
        };
        assert_eq!(judged(&CHECK, &sound(break_by(Problem::DenialInvalid))), "fail: as it is");
        assert_eq!(judged(&CHECK, &sound(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &sound(unsign)),
            "not applicable: there is no chain of trust to break"
        );
        assert_eq!(
            judged(&CHECK, &sound(break_by(other))),
            "missing: the chain of trust breaks before: as it is"
        );
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
