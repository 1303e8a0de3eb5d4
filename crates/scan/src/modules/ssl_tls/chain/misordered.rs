use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "chain.misordered",
    title: "The chain is out of order",
    severity: Severity::Low,
    group: Group::Certificate,
    standard: "RFC 8446, section 4.4.2",
    why: "Each certificate should be issued by the next. Older clients cannot put them in \
          order and refuse to connect.",
    fix: "Send the leaf first, then each issuer, without the root.",
    paste: paste::CHAIN,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (_, chain) = leaf(evidence)?;
    Ok(Verdict::fail_if(!chain.ordered, || {
        format!("{} certificates, not each issued by the next", chain.certificates.len())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn each_is_issued_by_the_next() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.chain.as_mut().unwrap().ordered = false)),
            "fail: 1 certificates, not each issued by the next"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
