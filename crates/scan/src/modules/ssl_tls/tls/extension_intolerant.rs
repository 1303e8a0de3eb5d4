use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.extension-intolerant",
    title: "A hello with unknown values is refused",
    severity: Severity::Medium,
    group: Group::Tls,
    standard: "RFC 8701, section 4; RFC 8446, section 4.1.2",
    why: "Chrome and others send such values with every hello, and every new extension is unknown \
          at first: these clients cannot connect, or fall back to something weaker.",
    fix: "Update the TLS library, or the box in front of the server that inspects hellos.",
    paste: paste::UPDATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ignores = reached(evidence)?.habits.ignores_unknown.clone()?;
    Ok(Verdict::fail_if(!ignores, || {
        "the same hello is answered with known values and refused with unknown ones".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn what_is_unknown_is_ignored() {
        let with = |ignores| judged(&CHECK, &seen(|tls| tls.habits.ignores_unknown = Ok(ignores)));
        assert_eq!(
            with(false),
            "fail: the same hello is answered with known values and refused with unknown ones"
        );
        assert_eq!(with(true), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
