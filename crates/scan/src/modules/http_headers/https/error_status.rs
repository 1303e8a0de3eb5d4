use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "https.error-status",
    title: "The site's first page is an error",
    severity: Severity::Info,
    group: Group::Https,
    standard: "RFC 9110, section 15.5",
    why: "The other results are about an error page, which often has other headers than the pages \
          people visit.",
    fix: "Scan the name that serves the real site, or ignore this when there is no page to serve.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    Ok(Verdict::fail_if(page.status >= 400, || {
        format!("{} answers with status {}", page.url(), page.status)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn an_error_is_mentioned() {
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        http.secure.hops[0].status = 404;
        assert_eq!(
            judged(&CHECK, &sample::evidence(http)),
            "fail: https://example.com/ answers with status 404"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
