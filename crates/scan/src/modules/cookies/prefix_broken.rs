use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::cookies::paste::cookie_attribute;

pub(super) const CHECK: Check = Check {
    id: "cookie.prefix-broken",
    title: "A cookie breaks the promise of its name, so browsers drop it",
    severity: Severity::Medium,
    group: Group::Cookie,
    standard: "RFC 6265bis, section 4.1.3",
    why: "Browsers take a __Secure- or __Host- cookie only with the attributes the prefix promises, so what \
          depends on this one does not work.",
    fix: "Set Secure; for __Host- also Path=/ and no Domain.",
    careful: Some(
        "A session that begins at http:// is lost: redirect to HTTPS before the cookie is set.",
    ),
    paste: cookie_attribute!("secure", "Secure", "secure"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |setting| {
        let cookie = setting.cookie;
        let name = cookie.name.to_ascii_lowercase();
        let host_only = name.starts_with("__host-");
        if !host_only && !name.starts_with("__secure-") {
            return None;
        }
        let lacks = if !cookie.is_secure() {
            "has no `Secure`"
        } else if !setting.came_over_https() {
            "is set over plain HTTP"
        } else if host_only && cookie.domain().is_some() {
            "has a `Domain`"
        } else if host_only && cookie.path() != Some("/") {
            "has no `Path=/`"
        } else {
            return None;
        };
        Some(lacks.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_prefix_is_a_promise() {
        assert_eq!(
            judged(&CHECK, &page(&["__Host-sid=1; Secure; Domain=example.com; Path=/"])),
            "fail: `__Host-sid` of example.com has a `Domain`"
        );
        assert_eq!(judged(&CHECK, &page(&["__Host-sid=1; Secure; Path=/"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert!(judged(&CHECK, &page(&["__Host-a=1; Secure"])).ends_with("has no `Path=/`"));
        assert!(judged(&CHECK, &page(&["__Secure-a=1"])).ends_with("has no `Secure`"));
        assert_eq!(judged(&CHECK, &page(&["plain=1"])), "pass");
    }
}
