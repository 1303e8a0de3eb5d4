use model::Severity;

use super::plain_hop;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "hsts.sent-over-http",
    title: "The HSTS header is sent over plain HTTP",
    severity: Severity::Info,
    group: Group::Https,
    standard: "RFC 6797, section 7.2",
    why: "Browsers ignore the header there, since anybody on the way could have set it. It does no \
          harm, but it protects nobody.",
    fix: "Send the header over HTTPS only.",
    careful: Some(super::CAREFUL),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    if let Some(hop) = plain_hop(http) {
        return Ok(Verdict::Fail(format!("{} sends it", hop.url())));
    }
    match (http.plain.hops.first(), http.plain.failure()) {
        (Some(door), _) => door.judgeable().map(|()| Verdict::Pass),
        (None, Some(_)) if !http.secure.hops.is_empty() => {
            Ok(Verdict::NotApplicable("nothing answers over plain HTTP"))
        }
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(Missing::not_probed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_header_belongs_to_https() {
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        let header = ("strict-transport-security".to_owned(), "max-age=1".to_owned());
        http.plain.hops[0].headers.push(header);
        assert_eq!(
            judged(&CHECK, &sample::evidence(http.clone())),
            "fail: http://example.com/ sends it"
        );
        http.plain = sample::failed(Failure::Refused);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("not applicable"));
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let mut http = sample::site(&[]);
        http.secure = sample::failed(Failure::TimedOut);
        http.plain = sample::failed(Failure::TimedOut);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
