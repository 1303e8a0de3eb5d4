use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::certificate::KeyKind;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.short-key",
    title: "The key of the certificate is too short",
    severity: Severity::High,
    group: Group::Certificate,
    standard: "CA/Browser Forum BR 6.1.5",
    why: "RSA keys below 2,048 bits and curves below 256 bits can be broken by those who can \
          pay for it; then anybody can be your site.",
    fix: "Make a new key, ECDSA P-256 or RSA with 2,048 bits or more, and a certificate for \
          it.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    Ok(match leaf.key {
        KeyKind::Rsa(bits) if bits < 2048 => Verdict::Fail(format!("RSA with {bits} bits")),
        KeyKind::Ec(bits) if bits < 256 => Verdict::Fail(format!("a curve of {bits} bits")),
        KeyKind::Dsa => Verdict::Fail("a DSA key".to_owned()),
        KeyKind::Rsa(_) | KeyKind::Ec(_) | KeyKind::Ed25519 => Verdict::Pass,
        KeyKind::Other => return Err(Missing("the key is of a kind we cannot measure".to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::with_leaf;

    #[test]
    fn a_key_is_long_enough() {
        let key = |key| with_leaf(|leaf| leaf.key = key);
        assert_eq!(judged(&CHECK, &key(KeyKind::Rsa(1024))), "fail: RSA with 1024 bits");
        assert_eq!(judged(&CHECK, &key(KeyKind::Rsa(2048))), "pass");
        assert_eq!(judged(&CHECK, &key(KeyKind::Ec(224))), "fail: a curve of 224 bits");
        assert_eq!(
            judged(&CHECK, &key(KeyKind::Other)),
            "missing: the key is of a kind we cannot measure"
        );
    }
}
