use model::Severity;

use super::{NO_POLICY, policies};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "csp.report-only",
    title: "The Content-Security-Policy only reports",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, section 3.2",
    why: "A report-only policy tells you about attacks, but stops none. It is a good first step and \
          a poor last one.",
    fix: "When the reports show nothing you need, send the same policy as Content-Security-Policy.",
    careful: Some(super::CAREFUL),
    paste: set_header!("Content-Security-Policy", "YOUR-POLICY"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let reporting = page.first("content-security-policy-report-only");
    match (policies(page).is_empty(), reporting) {
        (true, Some(_)) => Ok(Verdict::Fail(format!(
            "{} sends Content-Security-Policy-Report-Only and no policy to enforce",
            page.url()
        ))),
        (true, None) => Ok(Verdict::NotApplicable(NO_POLICY)),
        (false, _) => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn reporting_alone_protects_nobody() {
        let reporting = ("content-security-policy-report-only", "default-src 'self'");
        let enforced = ("content-security-policy", "default-src 'self'");
        assert!(
            judged(&CHECK, &sample::page(&[reporting])).starts_with("fail: https://example.com/")
        );
        assert_eq!(judged(&CHECK, &sample::page(&[reporting, enforced])), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
