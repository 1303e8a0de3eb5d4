use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::evidence::Failure;
use crate::modules::ssl_tls::paste::BOTH_NAMES;

pub(super) const CHECK: Check = Check {
    id: "https.not-on-this-name",
    title: "The domain's own name has no HTTPS, only the name it redirects to",
    severity: Severity::Medium,
    group: Group::Https,
    standard: "RFC 6797, section 7.2",
    why: "Every visit to this name starts unprotected, so the redirect can be changed on the way. \
          Browsers that try HTTPS first show an error.",
    fix: "Let the server answer on port 443 for this name too, and put the name into the \
          certificate.",
    paste: BOTH_NAMES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    if !http.secure.hops.is_empty() {
        return Ok(Verdict::Pass);
    }
    match http.secure.failure() {
        None => Err(Missing::not_probed()),
        Some(_) if !http.leads_to_https() => {
            Ok(Verdict::NotApplicable("no name of the site was seen to have HTTPS"))
        }
        Some(Failure::Refused | Failure::Protocol(_) | Failure::Closed) => {
            let goal = http.plain.hops.last().map(|hop| hop.url()).unwrap_or_default();
            Ok(Verdict::Fail(format!(
                "https://{}/ does not work, while http://{}/ leads to {goal}",
                http.domain, http.domain
            )))
        }
        Some(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_bare_name_needs_https_too() {
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        http.plain.hops[1].host = "www.example.com".to_owned();
        http.secure = sample::failed(Failure::Refused);
        assert_eq!(
            judged(&CHECK, &sample::evidence(http.clone())),
            "fail: https://example.com/ does not work, while http://example.com/ leads to \
             https://www.example.com/"
        );
        http.secure = sample::failed(Failure::TimedOut);
        assert_eq!(judged(&CHECK, &sample::evidence(http.clone())), "missing: no answer in time");
        http.plain.hops.truncate(1);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("not applicable"));
    }
}
