use model::Severity;

use super::{NO_HTTPS, NO_POLICY, hosts};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.no-include-subdomains",
    title: "The HSTS policy leaves out the subdomains",
    severity: Severity::Low,
    group: Group::Https,
    standard: "RFC 6797, section 6.1.2",
    why: "An attacker on the network can answer for an invented subdomain over plain HTTP and read \
          or set the cookies of the whole domain there.",
    fix: "Add includeSubDomains to the policy of the domain's own name as soon as every subdomain \
          answers over HTTPS.",
    careful: Some(super::CAREFUL_SUBDOMAINS),
    paste: replace_header!("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let hosts = hosts(http)?;
    // Only the domain's own name can speak for everything below it.
    let own = match hosts.iter().find(|host| host.name == http.domain) {
        Some(own) => own,
        None if hosts.is_empty() => return Ok(Verdict::NotApplicable(NO_HTTPS)),
        None => return Err(Missing(format!("the policy of {} was not seen", http.domain))),
    };
    let Some(policy) = own.policy().filter(|policy| policy.is_valid()) else {
        return Ok(Verdict::NotApplicable(NO_POLICY));
    };
    Ok(Verdict::fail_if(!policy.include_subdomains, || {
        format!("{} sends a policy without `includeSubDomains`", own.name)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_policy_should_cover_subdomains() {
        let judge = |value| judged(&CHECK, &sample::page(&[("strict-transport-security", value)]));
        assert_eq!(
            judge("max-age=31536000"),
            "fail: example.com sends a policy without `includeSubDomains`"
        );
        assert_eq!(judge("max-age=31536000; includeSubDomains"), "pass");
        assert_eq!(judge(""), "not applicable: there is no valid HSTS policy");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
