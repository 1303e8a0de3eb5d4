use model::Severity;

use super::{Problem, breaks_by};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.ds-without-key",
    title: "The parent names a key that the zone does not have",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Dns,
    standard: "RFC 4035, section 5.2",
    why: "Every resolver that validates refuses the whole domain: no web, no mail, for about a \
          third of all users. It mostly follows a move to another DNS provider, or a key \
          change that the parent was not told about.",
    fix: "Replace the DS record at the registrar by that of the key the zone really uses, or \
          remove it until the zone is signed again.",
    careful: Some(paste::CAREFUL_DS),
    paste: paste::DS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    breaks_by(Problem::DsWithoutKey, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{break_by, sound, unseen, unsign};
    #[test]
    fn the_parent_and_the_zone_agree_on_a_key() {
        let other = match Problem::DsWithoutKey {
            Problem::DsWithoutKey => Problem::SignatureMissing,
            _ => Problem::DsWithoutKey,
        };
        assert_eq!(judged(&CHECK, &sound(break_by(Problem::DsWithoutKey))), "fail: as it is");
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
