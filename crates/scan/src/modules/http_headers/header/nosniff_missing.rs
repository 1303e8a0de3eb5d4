use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.nosniff-missing",
    title: "Browsers may guess what kind of file they got",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "Fetch standard, the X-Content-Type-Options header",
    why: "A browser that guesses can take an uploaded picture or text for a script and run it.",
    fix: "Send X-Content-Type-Options: nosniff and give every response its right Content-Type.",
    paste: set_header!("X-Content-Type-Options", "nosniff"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let Some(value) = page.first("x-content-type-options") else {
        return Ok(Verdict::Fail(format!("{} sends no X-Content-Type-Options header", page.url())));
    };
    // Only the first of several values counts.
    let first = value.split(',').next().unwrap_or("").trim();
    Ok(Verdict::fail_if(!first.eq_ignore_ascii_case("nosniff"), || {
        format!("{} sends `{value}`, which browsers ignore", page.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn guessing_has_to_be_forbidden() {
        let judge = |value| judged(&CHECK, &sample::page(&[("x-content-type-options", value)]));
        assert_eq!(judge("NoSniff, nosniff"), "pass");
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no X-Content-Type-Options header"
        );
        assert_eq!(
            judge("sniff"),
            "fail: https://example.com/ sends `sniff`, which browsers ignore"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
