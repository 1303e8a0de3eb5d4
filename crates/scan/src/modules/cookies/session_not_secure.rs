use model::Severity;

use super::{NO_SECURE, judge_those};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::cookies::paste::cookie_attribute;

pub(super) const CHECK: Check = Check {
    id: "cookie.session-not-secure",
    title: "A session cookie also travels unencrypted",
    severity: Severity::High,
    cap: Some(74),
    group: Group::Cookie,
    standard: "RFC 6265bis, section 4.1.2.5",
    why: "One request over plain HTTP, which an attacker can provoke, hands over the session and with it the \
          visitor's account.",
    fix: "Set Secure on every cookie of the site.",
    careful: Some(
        "A session that begins at http:// is lost: redirect to HTTPS before the cookie is set.",
    ),
    paste: cookie_attribute!("secure", "Secure", "secure"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_those(
        evidence,
        |setting| setting.came_over_https(),
        NO_SECURE,
        |setting| {
            (setting.cookie.is_session() && !setting.cookie.is_secure())
                .then(|| "is set over HTTPS without `Secure`".to_owned())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_session_stays_on_https() {
        assert_eq!(
            judged(&CHECK, &page(&["PHPSESSID=abc; HttpOnly"])),
            "fail: `PHPSESSID` of example.com is set over HTTPS without `Secure`"
        );
        assert_eq!(judged(&CHECK, &page(&["PHPSESSID=abc; Secure"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert_eq!(judged(&CHECK, &page(&["lang=en"])), "pass");
    }
}
