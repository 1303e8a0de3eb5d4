use model::Severity;

use super::judge;
use super::table::Category;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "tracker.session-recording",
    title: "What visitors do is recorded before they were asked",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "Directive 2002/58/EC, Art. 5(3); GDPR, Art. 6",
    why: "Such a service films clicks, movements and often what is typed, on a server of others.",
    fix: "Load it only after the visitor agreed, and let it leave out every field.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Category::SessionRecording)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn recorders_are_found_in_scripts_and_inline() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script src=https://static.hotjar.com/c/hotjar-1.js></script>"),
            "fail: Hotjar (static.hotjar.com)"
        );
        assert_eq!(
            judge("<script>t.src='https://www.clarity.ms/tag/'+i</script>"),
            "fail: Microsoft Clarity (www.clarity.ms)"
        );
        assert_eq!(judge("<script src=/own.js></script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }

    #[test]
    fn a_script_that_waits_for_consent_is_none() {
        let waits = "<script type=text/plain src=https://static.hotjar.com/c/h.js></script>";
        assert_eq!(judged(&CHECK, &sample::document(&[], waits)), "pass");
    }
}
