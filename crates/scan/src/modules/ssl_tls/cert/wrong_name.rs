use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.wrong-name",
    title: "The certificate is for another name",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Certificate,
    standard: "RFC 9525, section 6",
    why: "Browsers show a warning instead of the site, and programs refuse to connect.",
    fix: "Issue a certificate whose subjectAltName holds the domain.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    Ok(Verdict::fail_if(!chain.name_matches, || match leaf.names.as_slice() {
        [] => "it names no host".to_owned(),
        names => {
            format!("it is for {}", names.iter().take(5).cloned().collect::<Vec<_>>().join(", "))
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn says_whom_it_is_for() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.chain.as_mut().unwrap().name_matches = false)),
            "fail: it is for example.com"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
