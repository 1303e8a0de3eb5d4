use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "cert.www-wrong-name",
    title: "The site's other name (with or without www) has no certificate",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "RFC 9525, section 6",
    why: "The name leads to a server, and whoever types it gets a browser's warning instead of \
          the site.",
    fix: "Put both names, with www and without, into the certificate, or remove the name from \
          DNS.",
    paste: paste::BOTH_NAMES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let counterpart = evidence.tls()?.counterpart.as_ref().map_err(Clone::clone)?;
    let Some(seen) = counterpart else {
        return Ok(Verdict::NotApplicable("the site has no such other name"));
    };
    Ok(Verdict::fail_if(!seen.name_matches, || match seen.names.as_slice() {
        [] => format!("{} shows a certificate that names no host", seen.name),
        names => format!("{} shows a certificate for {}", seen.name, names.join(", ")),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{Counterpart, seen};

    #[test]
    fn both_names_have_a_certificate() {
        let judge = |name_matches, names: &[&str]| {
            let counterpart = Counterpart {
                name: "www.example.com".to_owned(),
                address: "192.0.2.1".parse().unwrap(),
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                name_matches,
                leaf: None,
            };
            judged(&CHECK, &seen(|tls| tls.counterpart = Ok(Some(counterpart))))
        };
        assert_eq!(
            judge(false, &["example.com"]),
            "fail: www.example.com shows a certificate for example.com"
        );
        assert_eq!(
            judge(false, &[]),
            "fail: www.example.com shows a certificate that names no host"
        );
        assert_eq!(judge(true, &["*.example.com"]), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.counterpart = Ok(None))),
            "not applicable: the site has no such other name"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
