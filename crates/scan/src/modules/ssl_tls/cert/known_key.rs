use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{NO_RSA, at_every_address, rsa_leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.known-key",
    title: "The private key is known to everybody (Debian's weak keys)",
    severity: Severity::Critical,
    // As after Heartbleed: the key is as good as published, and the certificate proves nothing.
    cap: Some(34),
    group: Group::Certificate,
    standard: "CVE-2008-0166; CA/Browser Forum BR 6.1.1.3",
    why: "A faulty OpenSSL could make some ten thousand keys alone, and lists of them are public. \
          Whoever takes the key from such a list can pose as the site.",
    fix: "Make a new key with current software, and issue a new certificate for it.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if rsa_leaf(evidence)?.is_none() {
        return Ok(Verdict::NotApplicable(NO_RSA));
    }
    let known = *evidence.tls()?.known_key.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(known, || "it is in the list of weak keys".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Seen, judged};
    use crate::modules::ssl_tls::{seen, with_rsa};

    #[test]
    fn the_key_is_in_no_list() {
        let with = |known: Seen<bool>| {
            let mut evidence = with_rsa(|_| {});
            evidence.tls.as_mut().unwrap().known_key = known;
            judged(&CHECK, &evidence)
        };
        assert_eq!(with(Ok(true)), "fail: it is in the list of weak keys");
        assert_eq!(with(Ok(false)), "pass");
        assert_eq!(with(Err(Missing("silence".to_owned()))), "missing: silence");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: the key is no RSA key");
    }
}
