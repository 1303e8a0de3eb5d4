use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::{at_every_address, leaf};

/// Endings of names that mean nothing outside a network (RFC 6762, appendix G; RFC 8375; ICANN's
/// reservation of `internal`).
const INTERNAL: [&str; 10] = [
    ".local",
    ".localdomain",
    ".localhost",
    ".internal",
    ".intranet",
    ".lan",
    ".corp",
    ".private",
    ".home",
    ".home.arpa",
];

pub(super) const CHECK: Check = Check {
    id: "cert.internal-name",
    title: "A certificate tells the names of internal machines",
    severity: Severity::Low,
    group: Group::Certificate,
    standard: "RFC 6066, section 3; CA/Browser Forum Baseline Requirements, section 4.2.2",
    why: "Whoever connects, with the domain's name or without any, learns what machines are called \
          inside. That helps to plan a way in.",
    fix: "Serve a certificate with public names alone, also to clients that name no host.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (own, _) = leaf(evidence)?;
    let internal = |names: &[String]| names.iter().find(|name| is_internal(name)).cloned();
    if let Some(name) = internal(&own.names) {
        return Ok(Verdict::Fail(format!("the certificate names {name}")));
    }
    let nameless = evidence.tls()?.habits.nameless.as_ref().map_err(Clone::clone)?;
    let other = nameless.as_ref().and_then(|leaf| internal(&leaf.names));
    Ok(other.map_or(Verdict::Pass, |name| {
        Verdict::Fail(format!("a client that names no host gets a certificate for {name}"))
    }))
}

fn is_internal(name: &str) -> bool {
    !name.contains('.') || INTERNAL.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::certificate::CertificateFacts;
    use crate::modules::ssl_tls::{seen, with_leaf};

    #[test]
    fn certificates_hold_public_names_alone() {
        let nameless = |name: Option<&str>| {
            seen(|tls| tls.habits.nameless = Ok(name.map(CertificateFacts::plain)))
        };
        assert_eq!(
            judged(&CHECK, &with_leaf(|leaf| leaf.names.push("intra".to_owned()))),
            "fail: the certificate names intra"
        );
        assert_eq!(
            judged(&CHECK, &nameless(Some("dc1.corp"))),
            "fail: a client that names no host gets a certificate for dc1.corp"
        );
        assert_eq!(judged(&CHECK, &nameless(Some("example.com"))), "pass");
        assert_eq!(judged(&CHECK, &nameless(None)), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
