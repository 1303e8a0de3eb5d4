use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

const PRODUCTS: &[&str] = &["PHP"];

pub(super) const CHECK: Check = Check {
    id: "eol.language",
    title: "The language the site runs on gets no more updates",
    severity: Severity::Medium,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, SA-22",
    why: "Flaws found since then stay open. A Linux distribution may still mend this version \
          itself; its package then has a longer version than the one shown here.",
    fix: "Move to a version that its makers support.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, PRODUCTS, "no language tells its version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_language_that_has_ended_is_found() {
        let judge = |value| judged(&CHECK, &sample::page(&[("x-powered-by", value)]));
        assert_eq!(
            judge("PHP/7.4.3"),
            "fail: PHP 7.4.3 (the header `x-powered-by`) gets no updates since 2022-11-28 \
             at the latest, says https://www.php.net/eol.php"
        );
        assert_eq!(judge("PHP/8.3.1"), "pass");
        assert_eq!(judge("PHP"), "not applicable: no language tells its version");
        assert_eq!(
            judge("PHP/9.0.1"),
            "missing: the table of lifetimes (as of 2026-02-15) does not know PHP 9.0.1"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
