use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::cookies::paste::cookie_attribute;

pub(super) const CHECK: Check = Check {
    id: "cookie.no-samesite",
    title: "A cookie does not say whether other sites' requests carry it",
    severity: Severity::Low,
    group: Group::Cookie,
    standard: "RFC 6265bis, section 4.1.2.7",
    why: "Some browsers then send it with requests that other sites start, which is what request forgery \
          needs.",
    fix: "Set SameSite=Lax, or Strict where no link from outside needs the session.",
    careful: Some(
        "Sign-ins and payments that come back from another site by POST, and pages framed there, \
         lose the session: give their cookies SameSite=None with Secure.",
    ),
    paste: cookie_attribute!("samesite=lax", "SameSite=Lax", "samesite="),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |setting| {
        setting.cookie.same_site().is_none().then(|| "is set without `SameSite`".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn other_sites_are_spoken_of() {
        assert_eq!(
            judged(&CHECK, &page(&["sid=abc; SameSite=Later"])),
            "fail: `sid` of example.com is set without `SameSite`"
        );
        assert_eq!(judged(&CHECK, &page(&["sid=abc; SameSite=Lax"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
