use model::Severity;

use super::judge;
use super::table::Category;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "tracker.tag-manager",
    title: "A tag manager decides what else the page loads",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "PCI DSS 4.0.1, 6.4.3",
    why: "What it loads is set elsewhere and can change at any time; it is not seen from outside.",
    fix: "Let it load nothing before the visitor agreed, and keep a list of what it may load.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Category::TagManager)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn tag_managers_are_named() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script>j.src='https://www.googletagmanager.com/gtm.js?id='+i</script>"),
            "fail: Google Tag Manager (www.googletagmanager.com)"
        );
        assert_eq!(
            judge("<script src='https://www.googletagmanager.com/gtm.js?id=GTM-1'></script>"),
            "fail: Google Tag Manager (www.googletagmanager.com)"
        );
        assert_eq!(judge("<script src=/own.js></script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
