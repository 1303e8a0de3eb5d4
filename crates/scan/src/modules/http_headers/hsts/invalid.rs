use model::Severity;

use super::hosts;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.invalid",
    title: "The HSTS header is broken, so browsers ignore it",
    severity: Severity::High,
    cap: Some(89),
    group: Group::Https,
    standard: "RFC 6797, section 6.1",
    why: "A browser drops the whole header when its grammar is broken or max-age is missing, and the \
          site is as unprotected as without it.",
    fix: "Send exactly one max-age, in seconds, and separate directives by semicolons: first a \
          day as below, then a year or more.",
    careful: Some(super::CAREFUL),
    paste: replace_header!("Strict-Transport-Security", "max-age=86400"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let hosts = hosts(evidence.http()?)?;
    let policies: Vec<_> =
        hosts.iter().filter_map(|host| Some((host.name, host.policy()?))).collect();
    if policies.is_empty() {
        return Ok(Verdict::NotApplicable("no HSTS header is sent over HTTPS"));
    }
    let broken = policies.iter().find(|(_, policy)| !policy.is_valid());
    Ok(match broken {
        Some((name, policy)) => {
            Verdict::Fail(format!("in the header of {name}, {}", policy.errors.join(", ")))
        }
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_broken_header_is_no_policy() {
        let judge = |value| judged(&CHECK, &sample::page(&[("strict-transport-security", value)]));
        assert_eq!(
            judge("includeSubDomains"),
            "fail: in the header of example.com, `max-age` is missing"
        );
        assert_eq!(judge("max-age=31536000"), "pass");
        let none = judged(&CHECK, &sample::page(&[]));
        assert_eq!(none, "not applicable: no HSTS header is sent over HTTPS");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
