use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::net::Scheme;

pub(super) const CHECK: Check = Check {
    id: "https.compressed",
    title: "A page with a form is compressed, which can leak what it repeats (BREACH)",
    severity: Severity::Info,
    group: Group::TlsFlaw,
    standard: "CVE-2013-3587",
    why: "When a page repeats both a secret (such as a token against forged requests) and something \
          an attacker chooses, the length of the compressed answer tells the secret letter by \
          letter. Whether this page does cannot be seen from outside.",
    fix: "Give each answer a freshly masked token, or do not compress pages that hold secrets. \
          Cookies with SameSite make the attack hard.",
    paste: &[Paste { tool: Tool::Nginx, text: "gzip off;" }],
    run,
    ..Check::BASE
};

const NOT_SECURE: &str = "the page itself came over plain HTTP";
const NO_SECRET: &str = "the page has no form and begins no session";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let page = http.page()?;
    if page.scheme != Scheme::Https {
        return Ok(Verdict::NotApplicable(NOT_SECURE));
    }
    let coding = http.compression.as_ref().map_err(Clone::clone)?;
    let begins_session = page.cookies.iter().any(|cookie| cookie.is_session());
    let has_form = http.document()?.is_some_and(|(_, markup)| {
        markup.asks_password
            || markup.resources.iter().any(|resource| resource.kind == ResourceKind::Form)
    });
    if !begins_session && !has_form {
        return Ok(Verdict::NotApplicable(NO_SECRET));
    }
    Ok(match coding {
        Some(coding) => Verdict::Fail(format!("{} comes with `{coding}`", page.url())),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn only_a_page_that_may_hold_a_secret_is_named() {
        let judge = |page: &str, coding: Option<&str>| {
            let mut evidence = sample::document(&[], page);
            evidence.http.as_mut().unwrap().compression = Ok(coding.map(str::to_owned));
            judged(&CHECK, &evidence)
        };
        let form = "<form action=/login><input type=password>";
        assert_eq!(judge(form, Some("gzip")), "fail: https://example.com/ comes with `gzip`");
        assert_eq!(judge(form, None), "pass");
        assert!(judge("<p>hello", Some("gzip")).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
