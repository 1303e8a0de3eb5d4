use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::javascript::{Document, NO_DOCUMENT, listed};

pub(super) const CHECK: Check = Check {
    id: "tech.generator-version",
    title: "The page names the version of the software that made it",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "CWE-200",
    why: "Whoever looks for sites with a known flaw finds this one by its version alone.",
    fix: "Remove the generator element from the page's template, and keep the software up to date.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(document) = Document::of(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_DOCUMENT));
    };
    let versioned = |text: &&String| {
        text.split([' ', '/']).any(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let (major, rest) = word.split_once('.').unwrap_or((word, ""));
            let is_number =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number(major) && rest.split('.').next().is_some_and(is_number)
        })
    };
    let named: Vec<_> = document.markup.generators.iter().filter(versioned).cloned().collect();
    Ok(Verdict::fail_if(!named.is_empty(), || format!("`{}`", listed(named))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_version_is_told_from_a_name() {
        let judge = |generator: &str| {
            let page = format!("<meta name=generator content='{generator}'>");
            judged(&CHECK, &sample::document(&[], &page))
        };
        assert_eq!(judge("WordPress 6.4.2"), "fail: `WordPress 6.4.2`");
        assert_eq!(judge("Drupal 10 (https://www.drupal.org)"), "pass");
        assert_eq!(judge("Joomla! - Open Source Content Management"), "pass");
        assert_eq!(judged(&CHECK, &sample::document(&[], "<p>hello")), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
