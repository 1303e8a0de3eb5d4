use model::Severity;

use super::referrer_policy;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "header.referrer-policy-unsafe",
    title: "The page tells other sites its whole address",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Referrer Policy, section 3",
    why: "Search words, ids and reset tokens in an address reach every site the page links to or \
          loads from.",
    fix: "Send Referrer-Policy: strict-origin-when-cross-origin, or same-origin.",
    paste: replace_header!("Referrer-Policy", "strict-origin-when-cross-origin"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    Ok(match referrer_policy(page) {
        None => Verdict::NotApplicable("the page has no valid Referrer-Policy"),
        Some(policy @ ("unsafe-url" | "no-referrer-when-downgrade")) => {
            Verdict::Fail(format!("{} says `{policy}`", page.url()))
        }
        Some(_) => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_last_known_word_decides() {
        let judge = |value| judged(&CHECK, &sample::page(&[("referrer-policy", value)]));
        assert_eq!(judge("unsafe-url"), "fail: https://example.com/ says `unsafe-url`");
        assert_eq!(judge("unsafe-url, strict-origin"), "pass");
        assert!(judge("no-referrer, unsafe-url, later-word").starts_with("fail"));
        assert!(judge("later-word").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
