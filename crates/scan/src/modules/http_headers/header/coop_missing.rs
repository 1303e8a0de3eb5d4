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

/// Values that keep foreign windows out.
const ISOLATING: &[&str] = &["same-origin", "same-origin-allow-popups", "noopener-allow-popups"];

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let sent: Vec<&str> = page.all("cross-origin-opener-policy").collect();
    // One value without its parameters; browsers take any other, or several, for `unsafe-none`.
    let policy = match sent.as_slice() {
        [value] => value.split(';').next().unwrap_or_default().trim(),
        _ => "",
    };
    if ISOLATING.contains(&policy) {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(match sent.as_slice() {
        [] => format!("{} sends no Cross-Origin-Opener-Policy header", page.url()),
        [value] if !value.trim().is_empty() => {
            let value: String = value.chars().take(64).collect();
            format!("{} sends Cross-Origin-Opener-Policy `{value}`", page.url())
        }
        _ => format!("{} sends no single Cross-Origin-Opener-Policy", page.url()),
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
        assert_eq!(judge("same-origin-allow-popups; report-to=\"coop\""), "pass");
        assert_eq!(
            judge("unsafe-none"),
            "fail: https://example.com/ sends Cross-Origin-Opener-Policy `unsafe-none`"
        );
        assert!(judge("SAME-ORIGIN").starts_with("fail"), "the value is case-sensitive");
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Cross-Origin-Opener-Policy header"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
