use model::Severity;

use super::flawed::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::known_flaws::Kind;

pub(super) const CHECK: Check = Check {
    id: "eol.known-flaw",
    title: "The site runs on a version with a known flaw that lets others in",
    severity: Severity::High,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, SI-2",
    why: "The version that the site names has a flaw with which strangers run their code, and how \
          that is done is published.",
    fix: "Update the software to the version that its makers call mended.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn no_version_lets_others_in() {
        let judge = |header: &str| judged(&CHECK, &sample::page(&[("server", header)]));
        assert_eq!(
            judge("nginx/1.4.0"),
            "fail: nginx 1.4.0 (the header `server`) has CVE-2013-2028 \
             (https://nginx.org/en/security_advisories.html)"
        );
        assert_eq!(judge("nginx/1.4.1"), "pass");
        assert_eq!(judge("nginx"), "not applicable: the site names no version of the table");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
