use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "waf.block-page",
    title: "The scan was answered with a block page",
    severity: Severity::Info,
    group: Group::Inventory,
    standard: "RFC 9110, section 15.5.4",
    why: "Headers, cookies and contents of the site could not be seen, so they are not tested, and \
          the score rests on the rest.",
    fix: "Let the shield pass requests of this scanner, by the address it scans from or by its \
          User-Agent, and scan again.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let blocked = |hop: &&crate::modules::http_headers::evidence::Hop| {
        http.is_own(&hop.host) && hop.blocked.is_some()
    };
    let hops = http.secure.hops.iter().chain(&http.plain.hops);
    if let Some(hop) = hops.into_iter().find(blocked) {
        let sign = hop.blocked.as_deref().unwrap_or_default();
        return Ok(Verdict::Fail(format!("{} answered {} ({sign})", hop.url(), hop.status)));
    }
    http.page().map(|_| Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::evidence::Evidence;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_block_page_is_told_from_the_site() {
        assert_eq!(
            judged(&CHECK, &sample::blocked()),
            "fail: https://example.com/ answered 403 (the status)"
        );
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        assert!(judged(&CHECK, &Evidence::default()).starts_with("missing"));
        let mut http = sample::site(&[]);
        http.secure.hops[0].status = 502;
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
