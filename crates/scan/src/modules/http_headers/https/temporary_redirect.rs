use model::Severity;

use super::plain_door;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;
use crate::net::Scheme;

pub(super) const CHECK: Check = Check {
    id: "https.temporary-redirect",
    title: "The redirect to HTTPS is a temporary one",
    severity: Severity::Info,
    group: Group::Https,
    standard: "RFC 6797, section 7.2",
    why: "Browsers do not remember a temporary redirect and search engines keep the http:// \
          address, so visitors keep knocking at the unprotected door.",
    fix: "Redirect with status 301 or 308.",
    careful: Some(paste::CAREFUL_REDIRECT),
    paste: paste::REDIRECT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let door = match plain_door(http)? {
        Ok(door) => door,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    if !http.plain.hops.get(1).is_some_and(|next| next.scheme == Scheme::Https) {
        return Ok(Verdict::NotApplicable("plain HTTP does not redirect to HTTPS"));
    }
    Ok(Verdict::fail_if(!matches!(door.status, 301 | 308), || {
        format!("{} redirects with status {}", door.url(), door.status)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_redirect_is_permanent() {
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        http.plain.hops[0].status = 302;
        assert_eq!(
            judged(&CHECK, &sample::evidence(http)),
            "fail: http://example.com/ redirects with status 302"
        );
        let mut http = sample::site(&[]);
        http.plain.hops.truncate(1);
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
