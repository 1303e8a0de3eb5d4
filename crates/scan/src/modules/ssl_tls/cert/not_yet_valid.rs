use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.not-yet-valid",
    title: "The certificate is not valid yet",
    severity: Severity::High,
    cap: Some(54),
    group: Group::Certificate,
    standard: "RFC 5280, section 4.1.2.5",
    why: "Browsers show a warning instead of the site, and programs refuse to connect.",
    fix: "Install a certificate that is valid now, and check the clock of whoever issued it.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    let seen_at = evidence.seen_at()?;
    Ok(Verdict::fail_if(seen_at < leaf.not_before, || format!("it begins at {}", leaf.not_before)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::with_leaf;
    use model::Timestamp;

    #[test]
    fn the_beginning_is_judged_against_the_scan() {
        let begins =
            |ms| with_leaf(|leaf| leaf.not_before = Timestamp(20_750 * model::DAY_MS + ms));
        assert_eq!(judged(&CHECK, &begins(1)), "fail: it begins at 2026-10-24T00:00:00.001Z");
        assert_eq!(judged(&CHECK, &begins(0)), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
