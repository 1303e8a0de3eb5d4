use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::reached;
use crate::modules::ssl_tls::wire::suites::group_name;

pub(super) const CHECK: Check = Check {
    id: "kex.weak-curve",
    title: "A weak curve is offered",
    severity: Severity::Medium,
    group: Group::Tls,
    standard: "RFC 8422, section 5.1.1",
    why: "Curves of less than 224 bits give less than the 112 bits of security that are the \
          least today.",
    fix: "Offer x25519, secp256r1 and secp384r1.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    let weak = tls
        .curves
        .iter()
        .chain(tls.groups.iter().flatten())
        .find(|group| matches!(**group, 1..=10 | 15..=20));
    Ok(weak.map_or(Verdict::Pass, |group| Verdict::Fail(group_name(*group))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn curves_are_strong() {
        assert_eq!(judged(&CHECK, &seen(|tls| tls.curves.push(19))), "fail: secp192r1");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }
}
