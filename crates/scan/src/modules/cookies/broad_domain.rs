use model::Severity;

use super::judge_sessions;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "cookie.broad-domain",
    title: "A session cookie goes to every subdomain",
    severity: Severity::Low,
    group: Group::Cookie,
    standard: "RFC 6265bis, section 4.1.2.3",
    why: "Each host below the domain receives the session, also a forgotten one or one that somebody else \
          runs.",
    fix: "Leave Domain out, so that only the host that set the cookie gets it back; a __Host- name enforces \
          it.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_sessions(evidence, |setting| {
        let domain = setting.cookie.domain()?;
        setting.cookie.rejected.is_none().then(|| format!("is for everything below {domain}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_session_belongs_to_one_host() {
        assert_eq!(
            judged(&CHECK, &page(&["sid=1; Domain=.example.com"])),
            "fail: `sid` of example.com is for everything below example.com"
        );
        assert_eq!(judged(&CHECK, &page(&["sid=1"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert!(
            judged(&CHECK, &page(&["lang=1; Domain=example.com"])).starts_with("not applicable")
        );
    }
}
