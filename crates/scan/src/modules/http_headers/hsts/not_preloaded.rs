use model::Severity;

use super::{NO_HTTPS, hosts};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.not-preloaded",
    title: "Browsers do not know the domain for HTTPS before the first visit",
    severity: Severity::Info,
    group: Group::Https,
    standard: "RFC 6797, section 12.3; hstspreload.org",
    why: "The policy protects from the second visit on. Domains on the list that browsers bring along \
          are never asked in clear at all.",
    fix: "When the domain and everything below it speak HTTPS for good, send `preload` and hand the \
          domain in at hstspreload.org. Leaving the list takes months.",
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
    let http = evidence.http()?;
    let preloaded = http.preloaded.as_ref().map_err(Clone::clone)?;
    if preloaded.is_none() && hosts(http)?.is_empty() {
        return Ok(Verdict::NotApplicable(NO_HTTPS));
    }
    Ok(Verdict::fail_if(preloaded.is_none(), || "neither it nor a parent is listed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Seen, judged};
    use crate::modules::http_headers::preload::Preloaded;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_domain_is_listed() {
        let judge = |preloaded: Seen<Option<Preloaded>>| {
            let mut http = sample::site(&[]);
            http.preloaded = preloaded;
            judged(&CHECK, &sample::evidence(http))
        };
        assert_eq!(judge(Ok(None)), "fail: neither it nor a parent is listed");
        assert_eq!(judge(Ok(Some(Preloaded { name: "example.com".to_owned() }))), "pass");
        let missing = Missing::not_configured("providers.hsts_preload");
        assert_eq!(
            judge(Err(missing)),
            "missing: provider not configured (`providers.hsts_preload`)"
        );
    }
}
