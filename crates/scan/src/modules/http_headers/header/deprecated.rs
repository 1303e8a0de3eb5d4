use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "header.deprecated",
    title: "The page sends security headers that browsers have dropped",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "OWASP Secure Headers Project, deprecated headers",
    why: "They protect nobody today, and some did harm: key pinning locked sites out, and the XSS \
          filter could be turned against a page.",
    fix: "Remove them; X-XSS-Protection may stay with the value 0.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let mut dropped: Vec<&str> =
        ["public-key-pins", "public-key-pins-report-only", "expect-ct", "feature-policy"]
            .into_iter()
            .filter(|name| page.first(name).is_some())
            .collect();
    if page.first("x-xss-protection").is_some_and(|value| !value.trim_start().starts_with('0')) {
        dropped.push("x-xss-protection");
    }
    Ok(Verdict::fail_if(!dropped.is_empty(), || {
        format!("{} sends {}", page.url(), dropped.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn dropped_headers_are_named() {
        let judge = |name, value| judged(&CHECK, &sample::page(&[(name, value)]));
        assert_eq!(judge("expect-ct", "max-age=0"), "fail: https://example.com/ sends expect-ct");
        assert!(judge("x-xss-protection", "1; mode=block").starts_with("fail"));
        assert_eq!(judge("x-xss-protection", "0"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
