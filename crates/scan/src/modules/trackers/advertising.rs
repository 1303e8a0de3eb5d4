use model::Severity;

use super::judge;
use super::table::Category;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "tracker.advertising",
    title: "Advertisers learn of a visit before the visitor was asked",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "Directive 2002/58/EC, Art. 5(3); GDPR, Art. 6",
    why: "They recognise visitors across sites and join this visit to the rest. The cookies they \
          set cannot be seen from outside, only that they are called.",
    fix: "Load them only after the visitor agreed.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Category::Advertising)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn pixels_and_ads_are_found() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<img src='https://www.facebook.com/tr?id=1&ev=PageView'>"),
            "fail: Meta Pixel (www.facebook.com)"
        );
        assert_eq!(
            judge(
                "<script>f(b,e,'script','https://connect.facebook.net/en_US/fbevents.js')</script>"
            ),
            "fail: Meta Pixel (connect.facebook.net)"
        );
        assert_eq!(judge("<script>x='https://www.facebook.com/ourpage'</script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
