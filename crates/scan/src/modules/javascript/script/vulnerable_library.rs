use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::javascript::flaws::{AS_OF, flaws};
use crate::modules::javascript::libraries::loaded;
use crate::modules::javascript::{Document, NO_DOCUMENT};

pub(super) const CHECK: Check = Check {
    id: "script.vulnerable-library",
    title: "A script library with known flaws is in use",
    severity: Severity::Medium,
    group: Group::Vulnerability,
    standard: "OWASP Top 10:2021, A06",
    why: "Its flaws are published with examples. Whether one can be used depends on how the site \
          uses the library, which is harder to find out than to update it.",
    fix: "Update the library to its newest version, or remove it when nothing needs it.",
    run,
    ..Check::BASE
};

const NO_VERSION: &str = "no script tells the version of a library that we know";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    let loaded = loaded(document.markup);
    if loaded.iter().all(|library| library.version.is_none()) {
        return document.inapplicable(NO_VERSION);
    }
    let found = loaded.iter().filter_map(|library| {
        let ids = flaws(library);
        let known = format!("{} has {} as of {AS_OF}", library.label(), ids.join(", "));
        (!ids.is_empty()).then(|| format!("{known} ({})", library.place))
    });
    document.verdict(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn old_libraries_are_named_with_their_flaws() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script src=/js/jquery-3.4.1.min.js></script>"),
            "fail: jQuery 3.4.1 has CVE-2020-11022, CVE-2020-11023 as of 2026-02-15 \
             (https://example.com/js/jquery-3.4.1.min.js)"
        );
        assert!(judge("<script>/*! jQuery v1.11.0 */</script>").contains("an inline script"));
        assert_eq!(judge("<script src=/js/jquery-3.7.1.min.js></script>"), "pass");
        assert!(judge("<script src=/js/jquery.min.js></script>").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
