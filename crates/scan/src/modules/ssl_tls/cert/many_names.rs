use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::{at_every_address, leaf};

/// Names of one certificate that nobody wonders about.
const USUAL: usize = 50;

pub(super) const CHECK: Check = Check {
    id: "cert.many-names",
    title: "The certificate is shared by many names",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "RFC 5280, section 4.2.1.6; CA/Browser Forum BR 4.9.1.1",
    why: "It tells every visitor who shares the server. When it has to be revoked for one name, all \
          lose it, and each handshake carries them.",
    fix: "Issue certificates for few names that belong together.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    let count = leaf.name_count.ok_or_else(Missing::not_probed)?;
    Ok(Verdict::fail_if(count > USUAL, || format!("it is for {count} names")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{silent, with_leaf};

    #[test]
    fn a_certificate_is_for_few_names() {
        let with = |count| judged(&CHECK, &with_leaf(|leaf| leaf.name_count = count));
        assert_eq!(with(Some(51)), "fail: it is for 51 names");
        assert_eq!(with(Some(50)), "pass");
        assert_eq!(with(None), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
