use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::certificate::CertificateFacts;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::shown;

pub(super) const CHECK: Check = Check {
    id: "cert.key-reused",
    title: "Certificates for different names have one key",
    severity: Severity::Low,
    group: Group::Certificate,
    standard: "NIST SP 800-57 part 1 revision 5, section 5.2; CA/Browser Forum BR 4.9.12",
    why: "Whoever gets the key from one of the places can pose as all of them, and when it has to be \
          revoked, all lose it at once.",
    fix: "Make a key of its own for each certificate, and a new one with each renewal.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let shown = shown(evidence)?;
    for (index, one) in shown.iter().enumerate() {
        let other = shown[index + 1..].iter().find(|other| reuses(one.leaf, other.leaf));
        if let Some(other) = other {
            let (one, other) = (&one.place, &other.place);
            return Ok(Verdict::Fail(format!("that of {one} and that of {other} have")));
        }
    }
    match shown.len() {
        0 | 1 => Ok(Verdict::NotApplicable("one certificate alone was seen")),
        _ => Ok(Verdict::Pass),
    }
}

/// Says whether two certificates with one key are not just two issues of the same.
fn reuses(one: &CertificateFacts, other: &CertificateFacts) -> bool {
    let within = |inner: &CertificateFacts, outer: &CertificateFacts| {
        inner.names.iter().all(|name| outer.names.contains(name))
    };
    !one.key_hash.is_empty()
        && one.key_hash == other.key_hash
        && one.fingerprint != other.fingerprint
        && !within(one, other)
        && !within(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, silent};

    #[test]
    fn each_certificate_has_a_key_of_its_own() {
        let beside = |name: &str, key: &str| {
            let mut evidence = seen(|tls| {
                let other = CertificateFacts {
                    key_hash: key.to_owned(),
                    fingerprint: "other".to_owned(),
                    ..CertificateFacts::plain(name)
                };
                tls.habits.nameless = Ok(Some(other));
            });
            let chain = evidence.tls.as_mut().unwrap().chain.as_mut().unwrap();
            chain.certificates[0].key_hash = "one".to_owned();
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            beside("other.example", "one"),
            "fail: that of the site and that of clients that name no host have"
        );
        assert_eq!(beside("other.example", "two"), "pass");
        // The same name once more is a renewal.
        assert_eq!(beside("example.com", "one"), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: one certificate alone was seen");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
