use model::Severity;

use super::{Problem, breaks_by};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.signature-expired",
    title: "A DNSSEC signature has expired",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Dns,
    standard: "RFC 4035, section 5.3.1",
    why: "Resolvers that validate refuse the records since then. Mostly the signer has \
          stopped, or a secondary server no longer gets updates.",
    fix: "Sign the zone again, find out why the signer stopped, and watch the age of \
          signatures.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGN_AGAIN,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    breaks_by(Problem::SignatureExpired, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{break_by, sound, unseen, unsign};
    #[test]
    fn a_signature_has_an_end() {
        let other = match Problem::SignatureExpired {
            Problem::DsWithoutKey => Problem::SignatureMissing,
            _ => Problem::DsWithoutKey,
        };
        assert_eq!(judged(&CHECK, &sound(break_by(Problem::SignatureExpired))), "fail: as it is");
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
