use model::Severity;

use super::{NO_SECURE, judge_those};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::cookies::paste::cookie_attribute;

pub(super) const CHECK: Check = Check {
    id: "cookie.not-secure",
    title: "A cookie also travels unencrypted",
    severity: Severity::Low,
    group: Group::Cookie,
    standard: "RFC 6265bis, section 4.1.2.5",
    why: "Whoever sits on the way can read the cookie and set it to another value.",
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
            (!setting.cookie.is_secure() && !setting.cookie.is_session())
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
    fn cookies_stay_on_https() {
        assert_eq!(
            judged(&CHECK, &page(&["lang=en"])),
            "fail: `lang` of example.com is set over HTTPS without `Secure`"
        );
        assert_eq!(judged(&CHECK, &page(&["lang=en; Secure"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        // The session cookie has a check of its own.
        assert_eq!(judged(&CHECK, &page(&["sid=abc"])), "pass");
    }
}
