use model::Severity;

use super::judge_policies;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.not-preloadable",
    title: "The HSTS policy asks for preloading but does not qualify",
    severity: Severity::Info,
    group: Group::Https,
    standard: "hstspreload.org, submission requirements",
    why: "The browsers' preload list takes a domain only when its policy lasts a year and covers all \
          subdomains, and drops one that stops doing so.",
    fix: "Raise max-age to a year or more and add includeSubDomains, or leave `preload` out.",
    careful: Some(
        "The preload list holds the domain and every host below it to HTTPS in all browsers, and \
         leaving it takes months: hand it in only when no host needs plain HTTP any more.",
    ),
    paste: replace_header!(
        "Strict-Transport-Security",
        "max-age=63072000; includeSubDomains; preload"
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_policies(evidence, |policy| {
        let too_short = policy.max_age.is_none_or(|seconds| seconds < 31_536_000);
        let lacks = match (too_short, policy.include_subdomains) {
            (true, _) => "`preload` with a max-age under a year",
            (false, false) => "`preload` without `includeSubDomains`",
            (false, true) => return None,
        };
        policy.preload.then(|| lacks.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn preload_needs_a_year_and_the_subdomains() {
        let judge = |value| judged(&CHECK, &sample::page(&[("strict-transport-security", value)]));
        assert_eq!(
            judge("max-age=31536000; preload"),
            "fail: example.com sends `preload` without `includeSubDomains`"
        );
        assert!(judge("max-age=300; includeSubDomains; preload").starts_with("fail"));
        assert_eq!(judge("max-age=31536000; includeSubDomains; preload"), "pass");
        assert_eq!(judge("max-age=300"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
