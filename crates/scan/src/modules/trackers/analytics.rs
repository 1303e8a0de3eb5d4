use model::Severity;

use super::judge;
use super::table::Category;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "tracker.analytics",
    title: "A counting service of others learns of a visit before the visitor was asked",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "Directive 2002/58/EC, Art. 5(3); GDPR, Art. 6",
    why: "The service sees the address of every visitor and page. The cookies it sets cannot be \
          seen from outside, only that it is called.",
    fix: "Load it only after the visitor agreed, or count on the site's own server.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Category::Analytics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn counters_are_found() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script async src='https://www.googletagmanager.com/gtag/js?id=G-1'></script>"),
            "fail: Google Analytics (www.googletagmanager.com)"
        );
        assert_eq!(judge("<script src=/matomo/matomo.js></script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
