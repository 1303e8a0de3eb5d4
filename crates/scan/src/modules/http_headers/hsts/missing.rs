use model::Severity;

use super::{NO_HTTPS, hosts};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.missing",
    title: "Browsers are not told to insist on HTTPS (HSTS)",
    severity: Severity::High,
    cap: Some(89),
    group: Group::Https,
    standard: "RFC 6797, section 7.1",
    why: "Each visit that begins without HTTPS can be caught before the redirect, and a visitor can \
          click a certificate warning away.",
    fix: "Send Strict-Transport-Security with every HTTPS response, first with a max-age of a day \
          as below, then with a year or more.",
    careful: Some(super::CAREFUL),
    paste: set_header!("Strict-Transport-Security", "max-age=86400"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let hosts = hosts(http)?;
    if hosts.is_empty() {
        return Ok(Verdict::NotApplicable(NO_HTTPS));
    }
    let covered = hosts.iter().any(|host| {
        host.name == http.domain
            && host.policy().is_some_and(|policy| policy.is_valid() && policy.include_subdomains)
    });
    let bare: Vec<_> =
        hosts.iter().filter(|host| host.values.is_empty()).map(|host| host.name).collect();
    Ok(Verdict::fail_if(!bare.is_empty() && !covered, || {
        let verb = if bare.len() == 1 { "sends" } else { "send" };
        format!("{} {verb} no Strict-Transport-Security header", bare.join(" and "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;

    fn judge_both(apex: &[(&str, &str)], www: &[(&str, &str)]) -> String {
        let mut http = sample::site(&[]);
        let mut hops = vec![sample::hop("https://example.com/", 301, apex)];
        hops.push(sample::hop("https://www.example.com/", 200, www));
        http.secure = sample::walk(hops);
        http.plain.hops.truncate(1);
        judged(&CHECK, &sample::evidence(http))
    }

    #[test]
    fn every_host_of_the_domain_needs_a_policy() {
        let short = [("strict-transport-security", "max-age=31536000")];
        let wide = [("strict-transport-security", "max-age=31536000; includeSubDomains")];
        assert_eq!(judge_both(&short, &short), "pass");
        assert_eq!(judge_both(&wide, &[]), "pass");
        assert_eq!(
            judge_both(&short, &[]),
            "fail: www.example.com sends no Strict-Transport-Security header"
        );
        assert!(judge_both(&[], &wide).starts_with("fail: example.com sends no"));
        assert!(judge_both(&[], &[]).starts_with("fail: example.com and www.example.com send no"));
    }

    #[test]
    fn block_pages_and_sites_without_https_are_not_judged() {
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("fail"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing: the server answered"));
        let mut http = sample::site(&[]);
        http.plain.hops.truncate(1);
        http.secure = sample::failed(Failure::Refused);
        let without = judged(&CHECK, &sample::evidence(http));
        assert_eq!(without, "not applicable: there is no HTTPS");
    }
}
