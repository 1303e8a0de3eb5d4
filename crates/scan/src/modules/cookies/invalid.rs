use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "cookie.invalid",
    title: "A cookie is set in a way browsers ignore",
    severity: Severity::Low,
    group: Group::Cookie,
    standard: "RFC 6265bis, sections 5.6 and 5.7",
    why: "Browsers drop the cookie without a word, so what depends on it does not work.",
    fix: "Set the cookie for its own host or a domain above it that is no public suffix, and keep it \
          short.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |setting| {
        if let Some(reason) = &setting.cookie.rejected {
            return Some(reason.clone());
        }
        let domain = setting.cookie.domain()?;
        let host = &setting.hop.host;
        if *host == domain {
            return None;
        }
        let below = host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
        if !below {
            return Some(format!("is meant for {domain}"));
        }
        let is_suffix = psl::suffix_str(&domain).is_some_and(|suffix| suffix == domain);
        is_suffix.then(|| format!("is meant for the public suffix {domain}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_cookie_has_to_be_acceptable() {
        assert_eq!(
            judged(&CHECK, &page(&["a=1; Domain=example.org"])),
            "fail: `a` of example.com is meant for example.org"
        );
        assert_eq!(judged(&CHECK, &page(&["a=1; Domain=example.com"])), "pass");
        assert_eq!(judged(&CHECK, &page(&[])), "not applicable: the site sets no cookies");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert!(judged(&CHECK, &page(&["a=1; Domain=com"])).ends_with("public suffix com"));
        assert_eq!(
            judged(&CHECK, &page(&["="])),
            "fail: a cookie without a name of example.com has neither name nor value"
        );
    }
}
