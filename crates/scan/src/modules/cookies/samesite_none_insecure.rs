use model::Severity;

use super::judge;
use super::received::SameSite;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::cookies::paste::cookie_attribute;

pub(super) const CHECK: Check = Check {
    id: "cookie.samesite-none-insecure",
    title: "A cookie for other sites' pages lacks Secure, so browsers drop it",
    severity: Severity::Medium,
    group: Group::Cookie,
    standard: "RFC 6265bis, section 5.7",
    why: "Browsers refuse SameSite=None without Secure, so what depends on the cookie does not work.",
    fix: "Set Secure as well, or use SameSite=Lax when only your own pages need the cookie.",
    careful: Some(
        "A session that begins at http:// is lost: redirect to HTTPS before the cookie is set.",
    ),
    paste: cookie_attribute!("secure", "Secure", "secure"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |setting| {
        let open = setting.cookie.same_site() == Some(SameSite::None);
        (open && !setting.cookie.is_secure())
            .then(|| "says `SameSite=None` without `Secure`".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn none_needs_secure() {
        assert_eq!(
            judged(&CHECK, &page(&["w=1; SameSite=None"])),
            "fail: `w` of example.com says `SameSite=None` without `Secure`"
        );
        assert_eq!(judged(&CHECK, &page(&["w=1; SameSite=None; Secure"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
