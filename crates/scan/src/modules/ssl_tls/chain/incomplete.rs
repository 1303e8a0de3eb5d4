use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::trust::Trust;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "chain.incomplete",
    title: "An intermediate certificate is missing",
    severity: Severity::High,
    cap: Some(89),
    group: Group::Certificate,
    standard: "RFC 8446, section 4.4.2",
    why: "Clients that do not know the intermediate from elsewhere cannot connect; browsers \
          often do, programs often do not.",
    fix: "Configure the full chain that came with the certificate, not the leaf alone.",
    paste: paste::CHAIN,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (_, chain) = leaf(evidence)?;
    Ok(match &chain.trust {
        Trust::Incomplete(issuer) => Verdict::Fail(format!("the issuer `{issuer}` was not sent")),
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
                    Trust::Incomplete("CN=Authority".to_owned()))
            ),
            "fail: the issuer `CN=Authority` was not sent"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
