use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::wire::suites::suite_name;
use crate::modules::ssl_tls::{at_every_address, none_unseen, old_suites};

pub(super) const CHECK: Check = Check {
    id: "kex.finite-field",
    title: "Suites with Diffie-Hellman over finite fields are offered below TLS 1.3",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9325, section 4.1",
    why: "Below TLS 1.3 hardly any server heeds which groups a client takes, so the client has to \
          accept a weak one or hang up, and a server that uses its key again can give recorded \
          sessions away (Raccoon, CVE-2020-1968). No current browser uses these suites.",
    fix: "Offer the ECDHE suites alone below TLS 1.3.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let is_finite = |suite: u16| suite_name(suite).starts_with("TLS_DHE_");
    let found: Vec<_> = old_suites(evidence)?
        .into_iter()
        .filter(|suite| is_finite(*suite))
        .map(suite_name)
        .collect();
    match found.as_slice() {
        [] => none_unseen(evidence, is_finite).map(|()| Verdict::Pass),
        [first] => Ok(Verdict::Fail((*first).to_owned())),
        [first, more @ ..] => Ok(Verdict::Fail(format!("{first} and {} more", more.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{cut_short, seen};

    #[test]
    fn curves_alone_are_offered() {
        let with = |suites: &[u16]| seen(|tls| tls.versions[3].suites = Ok(suites.to_vec()));
        assert_eq!(
            judged(&CHECK, &with(&[0xc02f, 0x009e])),
            "fail: TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
        );
        assert_eq!(
            judged(&CHECK, &with(&[0x009e, 0x009f])),
            "fail: TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 and 1 more"
        );
        assert_eq!(judged(&CHECK, &with(&[0xc02f])), "pass");
        assert_eq!(judged(&CHECK, &cut_short(&[0x009e])), "missing: the server stopped answering");
    }
}
