use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

const PRODUCTS: &[&str] = &["AngularJS", "Bootstrap", "Vue"];

pub(super) const CHECK: Check = Check {
    id: "eol.library",
    title: "A script library gets no more updates",
    severity: Severity::Low,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, SA-22",
    why: "Flaws found in it from now on stay open.",
    fix: "Move to a library or version that its makers support.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, PRODUCTS, "no script library with an end of life tells its version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_library_that_has_ended_is_found() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert!(
            judge("<script src=/bootstrap-3.4.1.min.js></script>")
                .starts_with("fail: Bootstrap 3.4.1")
        );
        assert_eq!(judge("<script src=/bootstrap-5.3.3.min.js></script>"), "pass");
        assert!(judge("<script src=/bootstrap.min.js></script>").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
