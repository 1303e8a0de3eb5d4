use model::Severity;

use super::plain_door;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;
use crate::net::Scheme;

pub(super) const CHECK: Check = Check {
    id: "https.not-redirected",
    title: "Plain HTTP does not lead to HTTPS",
    severity: Severity::High,
    cap: Some(89),
    group: Group::Https,
    standard: "RFC 6797, section 7.2",
    why: "Visitors who type the name or follow an old link stay on an unencrypted connection, which \
          others can read and change.",
    fix: "Answer every request on port 80 with a permanent redirect to the same address over HTTPS.",
    careful: Some(paste::CAREFUL_REDIRECT),
    paste: paste::REDIRECT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    if let Err(why) = plain_door(http)? {
        return Ok(Verdict::NotApplicable(why));
    }
    if http.plain.hops.iter().any(|hop| hop.scheme == Scheme::Https) {
        return Ok(Verdict::Pass);
    }
    let landed = http.plain.landed()?;
    landed.judgeable()?;
    // An answer that is no page, such as 404 for everything, shows nothing to a visitor.
    Ok(Verdict::fail_if(landed.status < 400, || {
        format!("{} answers with status {}", landed.url(), landed.status)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;

    #[test]
    fn plain_http_has_to_lead_to_https() {
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        http.plain = sample::walk(vec![sample::hop("http://example.com/", 200, &[])]);
        assert_eq!(
            judged(&CHECK, &sample::evidence(http.clone())),
            "fail: http://example.com/ answers with status 200"
        );
        http.plain.hops[0].status = 404;
        assert_eq!(judged(&CHECK, &sample::evidence(http)), "pass");
    }

    #[test]
    fn the_question_needs_both_doors() {
        let mut http = sample::site(&[]);
        http.plain = sample::failed(Failure::Refused);
        let closed = judged(&CHECK, &sample::evidence(http.clone()));
        assert_eq!(closed, "not applicable: nothing answers on port 80");
        http.plain = sample::failed(Failure::Closed);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
