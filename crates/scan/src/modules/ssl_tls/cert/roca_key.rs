use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::certificate::KeyKind;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.roca-key",
    title: "The private key can be computed from the certificate (ROCA)",
    severity: Severity::Critical,
    // Not for everybody: the key costs some thousand dollars.
    cap: Some(54),
    group: Group::Certificate,
    standard: "CVE-2017-15361; CA/Browser Forum Baseline Requirements, section 6.1.1.3",
    why: "The key was made by a chip with a faulty library. Whoever spends some ten thousand \
          dollars on computing can pose as the site, and authorities have to revoke the \
          certificate.",
    fix: "Make a new key with other software, and issue a new certificate for it.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    match leaf.key {
        KeyKind::Rsa(bits) => Ok(Verdict::fail_if(leaf.roca, || {
            format!("the RSA key of {bits} bits bears the mark of the faulty library")
        })),
        _ => Ok(Verdict::NotApplicable("the key is no RSA key")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, with_leaf};

    #[test]
    fn the_key_bears_no_mark() {
        let rsa = |roca| {
            with_leaf(|leaf| {
                leaf.key = KeyKind::Rsa(2_048);
                leaf.roca = roca;
            })
        };
        assert_eq!(
            judged(&CHECK, &rsa(true)),
            "fail: the RSA key of 2048 bits bears the mark of the faulty library"
        );
        assert_eq!(judged(&CHECK, &rsa(false)), "pass");
        assert_eq!(judged(&CHECK, &with_leaf(|_| {})), "not applicable: the key is no RSA key");
        let unseen = seen(|tls| tls.chain = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
