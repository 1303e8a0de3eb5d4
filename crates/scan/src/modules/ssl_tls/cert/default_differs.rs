use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.default-differs",
    title: "A client that names no host gets another certificate",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "RFC 6066, section 3",
    why: "Old clients, mail servers and some programs do not send the name, and refuse what they \
          get. It also tells who shares the server.",
    fix: "Make the site the server's default, or refuse connections without a name.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (own, _) = leaf(evidence)?;
    let nameless = evidence.tls()?.habits.nameless.as_ref().map_err(Clone::clone)?;
    let Some(other) = nameless else {
        return Ok(Verdict::NotApplicable("connections without a name are refused"));
    };
    let alike = other.fingerprint == own.fingerprint
        || own.names.iter().all(|name| other.names.contains(name));
    Ok(Verdict::fail_if(!alike, || match other.names.first() {
        Some(name) => format!("it is for {name}"),
        None => "it names no host".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::certificate::CertificateFacts;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn the_site_is_the_default() {
        let nameless = |leaf: Option<CertificateFacts>| {
            let leaf =
                leaf.map(|leaf| CertificateFacts { fingerprint: "other".to_owned(), ..leaf });
            judged(&CHECK, &seen(|tls| tls.habits.nameless = Ok(leaf)))
        };
        let plain = CertificateFacts::plain;
        assert_eq!(nameless(Some(plain("host.example.net"))), "fail: it is for host.example.net");
        assert_eq!(nameless(Some(plain("example.com"))), "pass");
        assert_eq!(nameless(None), "not applicable: connections without a name are refused");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
