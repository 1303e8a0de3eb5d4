use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.coop-missing",
    title: "The page shares its window with pages that open it",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "HTML standard, the Cross-Origin-Opener-Policy header",
    why: "A foreign page that opens this one keeps a handle to its window, which side-channel attacks \
          and tab switching use.",
    fix: "Send Cross-Origin-Opener-Policy: same-origin, or same-origin-allow-popups when sign-in windows \
          need it.",
    careful: Some(
        "Windows that sign-in and payment services open lose their way back to the page: use \
         `same-origin-allow-popups` where there are any.",
    ),
    paste: set_header!("Cross-Origin-Opener-Policy", "same-origin"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let missing =
        page.first("cross-origin-opener-policy").is_none_or(|value| value.trim().is_empty());
    Ok(Verdict::fail_if(missing, || {
        format!("{} sends no Cross-Origin-Opener-Policy header", page.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_window_can_be_isolated() {
        let judge = |value| judged(&CHECK, &sample::page(&[("cross-origin-opener-policy", value)]));
        assert_eq!(judge("same-origin"), "pass");
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Cross-Origin-Opener-Policy header"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
