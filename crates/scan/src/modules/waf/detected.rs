use model::Severity;

use super::products::marks;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "waf.detected",
    title: "A firewall or delivery network stands in front of the site",
    severity: Severity::Info,
    group: Group::Inventory,
    standard: "NIST CSF 2.0, ID.AM-04",
    why: "It is no fault. What such a service answers itself (TLS, headers, error pages) is its \
          operator's doing, and the server behind it may answer differently to whoever finds its \
          own address.",
    fix: "Let the server behind it accept connections from the service only.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let marks = marks(http);
    if !marks.is_empty() {
        let seen: Vec<_> = marks.iter().map(|(name, mark)| format!("{name} ({mark})")).collect();
        return Ok(Verdict::Fail(seen.join(", ")));
    }
    if http.secure.hops.is_empty() && http.plain.hops.is_empty() {
        http.secure.landed()?;
    }
    Ok(Verdict::NotApplicable("no response bears the mark of one that we know"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;

    #[test]
    fn shields_are_named_with_their_mark() {
        assert_eq!(
            judged(&CHECK, &sample::page(&[("server", "cloudflare"), ("cf-ray", "8f")])),
            "fail: Cloudflare (the header `cf-ray`)"
        );
        assert_eq!(
            judged(&CHECK, &sample::page(&[("via", "1.1 abc.cloudfront.net (CloudFront)")])),
            "fail: Amazon CloudFront (`(cloudfront)` in the header `via`)"
        );
        assert_eq!(
            judged(&CHECK, &sample::page(&[("server", "nginx")])),
            "not applicable: no response bears the mark of one that we know"
        );
    }

    #[test]
    fn silence_is_no_verdict() {
        let mut http = sample::site(&[]);
        http.secure = sample::failed(Failure::TimedOut);
        http.plain = sample::failed(Failure::TimedOut);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
