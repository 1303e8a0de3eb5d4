use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.referrer-policy-missing",
    title: "The page leaves it to the browser what other sites learn of its address",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "W3C Referrer Policy, section 4.1",
    why: "Today's browsers send only the origin to other sites, older ones the whole address, in which \
          search words and tokens may stand.",
    fix: "Send Referrer-Policy: strict-origin-when-cross-origin, or same-origin.",
    paste: set_header!("Referrer-Policy", "strict-origin-when-cross-origin"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let missing = super::referrer_policy(page).is_none();
    Ok(Verdict::fail_if(missing, || format!("{} sends no Referrer-Policy header", page.url())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_referrer_can_be_limited() {
        let judge = |value| judged(&CHECK, &sample::page(&[("referrer-policy", value)]));
        assert_eq!(judge("no-referrer"), "pass");
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Referrer-Policy header"
        );
        assert!(judge("nonsense").starts_with("fail"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
