use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

const PRODUCTS: &[&str] = &["nginx", "Apache httpd", "Microsoft IIS", "OpenSSL"];

pub(super) const CHECK: Check = Check {
    id: "eol.server",
    title: "The web server's version gets no more updates",
    severity: Severity::Medium,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, SA-22",
    why: "Flaws found since then stay open. A Linux distribution may still mend this version \
          itself; its package then has a longer version than the one shown here.",
    fix: "Move to a version that its makers, or those of the operating system, support.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, PRODUCTS, "no server software tells its version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_server_that_has_ended_is_found() {
        let judge = |value| judged(&CHECK, &sample::page(&[("server", value)]));
        assert!(judge("nginx/1.18.0 (Ubuntu)").starts_with("fail: nginx 1.18.0"));
        assert!(judge("Apache/2.4.6 OpenSSL/1.0.2k-fips").starts_with("fail: OpenSSL 1.0.2k"));
        assert_eq!(judge("Apache/2.4.58"), "pass");
        assert!(judge("nginx/1.29.1").starts_with("missing"));
        assert!(judge("nginx").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
