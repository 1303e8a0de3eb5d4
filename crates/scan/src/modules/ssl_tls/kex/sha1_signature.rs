use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "kex.sha1-signature",
    title: "Key exchanges are signed over SHA-1",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9155, section 4",
    why: "Collisions of SHA-1 can be computed, so a signature over it no longer proves who takes \
          part in the handshake (RFC 9155).",
    fix: "Raise the security level of the TLS library, for OpenSSL to 2 \
          (`@SECLEVEL=2` in the list of suites), or name the signatures that may be used.",
    paste: paste::SIGNATURES,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match reached(evidence)?.habits.signs_sha1.clone()? {
        Some(signs) => Ok(Verdict::fail_if(signs, || {
            "a client that asks for SHA-1 alone is served in TLS 1.2".to_owned()
        })),
        None => Ok(Verdict::NotApplicable("TLS 1.2 signs no key exchange here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn nothing_is_signed_over_sha1() {
        let signs = |signs| judged(&CHECK, &seen(|tls| tls.habits.signs_sha1 = Ok(signs)));
        assert_eq!(
            signs(Some(true)),
            "fail: a client that asks for SHA-1 alone is served in TLS 1.2"
        );
        assert_eq!(signs(Some(false)), "pass");
        assert_eq!(signs(None), "not applicable: TLS 1.2 signs no key exchange here");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
