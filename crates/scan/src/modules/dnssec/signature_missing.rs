use model::Severity;

use super::{Problem, breaks_by};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.signature-missing",
    title: "Records of a signed zone are not signed",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Dns,
    standard: "RFC 4035, section 2.2",
    why: "The parent says that the zone is signed, so resolvers that validate refuse records \
          without a signature.",
    fix: "Sign the whole zone on every name server, and keep DNSSEC records when the zone is \
          copied.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGN_AGAIN,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    breaks_by(Problem::SignatureMissing, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{break_by, sound, unseen, unsign};
    #[test]
    fn every_record_of_a_signed_zone_is_signed() {
        let other = match Problem::SignatureMissing {
            Problem::DsWithoutKey => Problem::SignatureMissing,
            _ => Problem::DsWithoutKey,
        };
        assert_eq!(judged(&CHECK, &sound(break_by(Problem::SignatureMissing))), "fail: as it is");
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
