use model::Severity;

use super::flawed::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::known_flaws::Kind;

pub(super) const CHECK: Check = Check {
    id: "eol.possible-flaw",
    title: "The site may run on a version with a known flaw",
    severity: Severity::Info,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, RA-5",
    why: "The version that the site names had a flaw when its makers published it. Distributions mend their \
          packages without changing that number, and some flaws need a configuration, so this costs \
          nothing.",
    fix: "Compare the package's full version with the distribution's notice on the CVE, and update it \
          when it is older.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Possible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn what_may_be_mended_is_only_told() {
        let judge = |header: &str| judged(&CHECK, &sample::page(&[("server", header)]));
        assert_eq!(
            judge("Apache/2.4.58 (Win64) PHP/8.2.12"),
            "fail: PHP 8.2.12 (the header `server`) has CVE-2024-4577, exploited, when PHP runs as \
             CGI, as XAMPP has it (https://www.php.net/ChangeLog-8.php)"
        );
        assert!(judge("Apache/2.4.49 (Debian)").contains("unless Debian mended its package"));
        assert_eq!(judge("nginx/1.4.0"), "pass");
        assert_eq!(judge("nginx"), "not applicable: the site names no version of the table");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
