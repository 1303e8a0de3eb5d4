use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.extended-unproven",
    title: "The certificate claims extended validation that nobody vouches for",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "CA/Browser Forum EV Guidelines, sections 7.1.6.1 and 9.8.2",
    why: "Extended validation says that an authority has looked who runs the site. This certificate \
          says so, but no public root stands behind it.",
    fix: "Issue a certificate from a public authority, or one that does not claim it.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    match leaf.extended.ok_or_else(Missing::not_probed)? {
        false => Ok(Verdict::NotApplicable("the certificate claims no extended validation")),
        true => Ok(Verdict::fail_if(!chain.public, || format!("its issuer is {}", leaf.issuer))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, silent};

    #[test]
    fn extended_validation_is_of_a_public_authority() {
        let with = |extended, public| {
            judged(
                &CHECK,
                &seen(|tls| {
                    let chain = tls.chain.as_mut().unwrap();
                    chain.public = public;
                    chain.certificates[0].extended = extended;
                }),
            )
        };
        assert_eq!(with(Some(true), false), "fail: its issuer is CN=Authority");
        assert_eq!(with(Some(true), true), "pass");
        assert!(with(Some(false), true).starts_with("not applicable: the certificate claims no"));
        assert_eq!(with(None, true), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
