use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::{leaf, mail_leaves};

pub(super) const CHECK: Check = Check {
    id: "cert.shared-with-mail",
    title: "The web server and a mail server have one key",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "ALPACA (USENIX Security 2021); RFC 9325, section 3.7",
    why: "What is weak at one of them harms the other: who can redirect connections can lead \
          browsers to the mail server, and a key taken there is that of the site.",
    fix: "Issue a certificate of its own, with a key of its own, for the mail server's name.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (own, _) = leaf(evidence)?;
    let exchanges = evidence.mail()?.exchanges.as_ref().map_err(Clone::clone)?;
    if exchanges.is_empty() {
        return Ok(Verdict::NotApplicable("the domain declares no mail server"));
    }
    let mail: Vec<_> = mail_leaves(evidence).collect();
    if own.key_hash.is_empty() || mail.is_empty() {
        return Err(Missing("no mail server showed a certificate".to_owned()));
    }
    let shared = mail.iter().find(|(_, leaf)| leaf.key_hash == own.key_hash);
    Ok(shared.map_or(Verdict::Pass, |(name, leaf)| {
        Verdict::Fail(match leaf.fingerprint == own.fingerprint {
            true => format!("{name} shows the certificate of the site"),
            false => format!("{name} shows another certificate with the key of the site"),
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth;
    use crate::modules::ssl_tls::{silent, with_leaf};

    #[test]
    fn mail_has_a_key_of_its_own() {
        let with = |key: &str, fingerprint: &str| {
            let evidence = with_leaf(|leaf| {
                leaf.key_hash = "one".to_owned();
                leaf.fingerprint = "same".to_owned();
            });
            let mail = email_auth::showing(|leaf| {
                leaf.key_hash = key.to_owned();
                leaf.fingerprint = fingerprint.to_owned();
            });
            judged(&CHECK, &Evidence { mail: Some(mail), ..evidence })
        };
        assert!(with("one", "same").ends_with(" shows the certificate of the site"));
        assert!(
            with("one", "other").ends_with(" shows another certificate with the key of the site")
        );
        assert!(with("one", "other").starts_with("fail: "));
        assert_eq!(with("two", "other"), "pass");
        let unseen = with_leaf(|leaf| leaf.key_hash = "one".to_owned());
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
