use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::{Document, NO_DOCUMENT};

pub(super) const CHECK: Check = Check {
    id: "script.third-party",
    title: "The page runs scripts from other people's hosts",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "PCI DSS 4.0.1, 6.4.3",
    why: "Such a script may read and change everything on the page, passwords and payment included. \
          Scripts that these load in turn are not seen.",
    fix: "Keep a list of the scripts the site needs, serve them from its own host where that is \
          possible, and drop the others.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    let hosts = document.foreign(ResourceKind::Script).map(|script| script.host.clone());
    document.verdict(hosts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn hosts_of_others_are_listed_once() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge(
                "<script src=//cdn.test/a.js></script><script src=//cdn.test/b.js></script>\
                 <script src=//tags.test/c.js></script>"
            ),
            "fail: cdn.test, tags.test"
        );
        assert_eq!(judge("<script src=//static.example.com/a.js></script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }

    #[test]
    fn a_page_that_was_not_read_to_its_end_never_passes() {
        let mut evidence = sample::document(&[], "<p>hello");
        let http = evidence.http.as_mut().unwrap();
        http.markup.as_mut().unwrap().is_cut = true;
        assert!(judged(&CHECK, &evidence).starts_with("missing"));
    }

    #[test]
    fn what_is_no_document_has_no_scripts() {
        let json: &[(&str, &str)] = &[("content-type", "application/json")];
        assert!(judged(&CHECK, &sample::document(json, "{}")).starts_with("not applicable"));
    }
}
