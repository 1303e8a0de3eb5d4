use model::Severity;

use super::judge;
use super::table::Category;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "tracker.font",
    title: "Fonts are fetched from another company before the visitor was asked",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "GDPR, Art. 6",
    why: "The company learns the address of every visitor. A court in Munich (LG München I, 3 O \
          17493/20) held that against a site, since fonts can be served from one's own host.",
    fix: "Serve the fonts from the site's own host.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Category::Font)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn fonts_come_from_the_sites_own_host() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Inter'>"),
            "fail: Google Fonts (fonts.googleapis.com)"
        );
        assert_eq!(judge("<link rel=preload as=font href=/inter.woff2>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
