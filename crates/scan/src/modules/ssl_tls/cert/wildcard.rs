use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.wildcard",
    title: "The certificate is for every name below a domain",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "RFC 9525, section 7.1; NSA, ALPACA and wildcard certificates (2021)",
    why: "Whoever gets the key from the least kept of the servers that have it can pose as any of \
          them, and as names that do not exist yet.",
    fix: "Give each server a certificate for its own names; with ACME that is no more work. Where a \
          wildcard has to be, keep its key on few machines.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    let wildcard = leaf.names.iter().find(|name| name.starts_with("*."));
    Ok(wildcard.map_or(Verdict::Pass, |name| Verdict::Fail(format!("it is for {name}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{silent, with_leaf};

    #[test]
    fn names_are_told_one_by_one() {
        let wild = with_leaf(|leaf| leaf.names.push("*.example.com".to_owned()));
        assert_eq!(judged(&CHECK, &wild), "fail: it is for *.example.com");
        assert_eq!(judged(&CHECK, &with_leaf(|_| {})), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
