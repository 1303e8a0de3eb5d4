use model::Severity;

use super::{Problem, breaks_by};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.signature-invalid",
    title: "A DNSSEC signature does not hold",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Dns,
    standard: "RFC 4035, section 5.3.3",
    why: "No trusted key of the zone made the signature over these records, so resolvers that \
          validate refuse them. Records were changed after signing, or the key was exchanged \
          too early.",
    fix: "Sign the zone again with keys that it serves, and keep an old key in place until its \
          signatures have left all caches.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGN_AGAIN,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    breaks_by(Problem::SignatureInvalid, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{break_by, sound, unseen, unsign};
    #[test]
    fn a_signature_is_made_by_a_key_of_the_zone() {
        let other = match Problem::SignatureInvalid {
            Problem::DsWithoutKey => Problem::SignatureMissing,
            _ => Problem::DsWithoutKey,
        };
        assert_eq!(judged(&CHECK, &sound(break_by(Problem::SignatureInvalid))), "fail: as it is");
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
