use model::Severity;

use super::plain_door;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "https.redirect-to-other-host-first",
    title: "Plain HTTP redirects to another host before HTTPS",
    severity: Severity::Low,
    group: Group::Https,
    standard: "RFC 6797, section 7.2",
    why: "The browser never makes an HTTPS connection to this name, so it never learns the name's \
          HSTS policy, and each later visit starts unprotected again.",
    fix: "Redirect first to HTTPS on the same host, and from there to the other host.",
    careful: Some(paste::CAREFUL_REDIRECT),
    paste: paste::REDIRECT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let door = match plain_door(http)? {
        Ok(door) if door.is_redirect() => door,
        Ok(_) => return Ok(Verdict::NotApplicable("plain HTTP does not redirect")),
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let next = match http.plain.hops.get(1) {
        Some(next) => next,
        None => http.plain.landed()?,
    };
    Ok(Verdict::fail_if(next.host != door.host, || {
        format!("{} redirects to {} at once", door.url(), next.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::Failure;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_first_step_stays_on_the_host() {
        let mut http = sample::site(&[]);
        http.plain.hops[1].host = "www.example.com".to_owned();
        assert_eq!(
            judged(&CHECK, &sample::evidence(http)),
            "fail: http://example.com/ redirects to https://www.example.com/ at once"
        );
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        http.plain = sample::walk(vec![sample::hop("http://example.com/", 200, &[])]);
        let stays = judged(&CHECK, &sample::evidence(http));
        assert_eq!(stays, "not applicable: plain HTTP does not redirect");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let mut http = sample::site(&[]);
        http.secure = sample::failed(Failure::TimedOut);
        http.plain = sample::failed(Failure::TimedOut);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
