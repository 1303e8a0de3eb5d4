use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.no-san",
    title: "The certificate names no host where clients look",
    severity: Severity::High,
    group: Group::Certificate,
    standard: "RFC 9525, section 6",
    why: "Clients look for the host in the subjectAltName extension alone; a name in the subject \
          has not counted for years.",
    fix: "Issue a certificate whose subjectAltName holds the domain.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    Ok(Verdict::fail_if(leaf.names.is_empty(), || {
        format!("the subject `{}` stands alone", leaf.subject)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, with_leaf};

    #[test]
    fn a_subject_is_no_name() {
        assert_eq!(
            judged(&CHECK, &with_leaf(|leaf| leaf.names.clear())),
            "fail: the subject `CN=example.com` stands alone"
        );
        assert_eq!(judged(&CHECK, &with_leaf(|_| {})), "pass");
        let silent = seen(|tls| tls.chain = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
    }
}
