use model::Severity;

use super::judge_sessions;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::cookies::paste::cookie_attribute;

pub(super) const CHECK: Check = Check {
    id: "cookie.session-not-httponly",
    title: "Scripts can read a session cookie",
    severity: Severity::Medium,
    group: Group::Cookie,
    standard: "RFC 6265bis, section 4.1.2.6",
    why: "A script that gets into one page can send the session away, and the attacker goes on in the \
          visitor's name elsewhere.",
    fix: "Set HttpOnly on every cookie that no script of yours reads.",
    careful: Some(
        "Scripts no longer read the cookie: leave it off for those that they need, such as a \
         token against forged requests.",
    ),
    paste: cookie_attribute!("httponly", "HttpOnly", "httponly"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_sessions(evidence, |setting| {
        (!setting.cookie.is_http_only()).then(|| "is set without `HttpOnly`".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn scripts_need_no_session() {
        assert_eq!(
            judged(&CHECK, &page(&["sid=abc; Secure"])),
            "fail: `sid` of example.com is set without `HttpOnly`"
        );
        assert_eq!(judged(&CHECK, &page(&["sid=abc; HttpOnly"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert!(judged(&CHECK, &page(&["lang=en"])).starts_with("not applicable"));
    }
}
