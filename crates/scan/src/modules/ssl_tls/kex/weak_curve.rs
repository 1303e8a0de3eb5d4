use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::group_name;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "kex.weak-curve",
    title: "A weak curve is offered",
    severity: Severity::Medium,
    group: Group::Tls,
    standard: "RFC 9325, section 4.5",
    why: "Curves of less than 224 bits give less than the 112 bits of security that are the \
          least today.",
    fix: "Offer x25519, secp256r1 and secp384r1.",
    paste: paste::GROUPS,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let curves = reached(evidence)?.weak_curves.as_ref().map_err(Clone::clone)?;
    let names: Vec<_> = curves.iter().map(|curve| group_name(*curve)).collect();
    Ok(Verdict::fail_if(!names.is_empty(), || names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn curves_are_strong() {
        let weak = seen(|tls| tls.weak_curves = Ok(vec![19, 1]));
        assert_eq!(judged(&CHECK, &weak), "fail: secp192r1, sect163k1");
        let silent = seen(|tls| tls.weak_curves = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }
}
