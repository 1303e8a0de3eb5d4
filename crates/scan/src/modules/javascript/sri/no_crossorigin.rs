use model::Severity;

use super::judge_attributes;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::javascript::paste;

pub(super) const CHECK: Check = Check {
    id: "sri.no-crossorigin",
    title: "A file with a hash cannot be loaded for want of crossorigin",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Subresource Integrity, section 3.3.2",
    why: "Browsers may not look into a file of another host unless it is fetched with CORS. Without \
          that they cannot check the hash and refuse the file.",
    fix: "Add crossorigin=\"anonymous\" beside the integrity attribute.",
    careful: Some(
        "The browser refuses the file when its host sends no Access-Control-Allow-Origin: look at \
         its headers first.",
    ),
    paste: paste::SCRIPT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_attributes(evidence, |document, resource| {
        let is_foreign =
            resource.host != document.page.host || resource.scheme != document.page.scheme;
        (is_foreign && !resource.has_crossorigin).then(|| "has no crossorigin attribute".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_hash_of_another_hosts_file_needs_cors() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script src=//cdn.test/a.js integrity=sha384-x></script>"),
            "fail: https://cdn.test/a.js has no crossorigin attribute"
        );
        assert_eq!(
            judge("<script src=//cdn.test/a.js integrity=sha384-x crossorigin></script>"),
            "pass"
        );
        assert_eq!(judge("<script src=/a.js integrity=sha384-x></script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
