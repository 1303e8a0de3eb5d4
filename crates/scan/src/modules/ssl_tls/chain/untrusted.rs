use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::trust::Trust;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "chain.untrusted",
    title: "No trusted root vouches for the certificate",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Certificate,
    standard: "RFC 5280, section 6.1",
    why: "Browsers show a warning instead of the site, and programs refuse to connect.",
    fix: "Get a certificate from a public authority, or give clients your own root where all \
          of them are yours.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (_, chain) = leaf(evidence)?;
    Ok(match &chain.trust {
        Trust::Untrusted(reason) => Verdict::Fail(reason.clone()),
        _ => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn judges_the_path() {
        assert_eq!(
            judged(
                &CHECK,
                &seen(|tls| tls.chain.as_mut().unwrap().trust =
                    Trust::Untrusted("the root is not trusted".to_owned()))
            ),
            "fail: the root is not trusted"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
