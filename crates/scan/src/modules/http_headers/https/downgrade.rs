use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;
use crate::net::Scheme;

pub(super) const CHECK: Check = Check {
    id: "https.downgrade",
    title: "A redirect leads from HTTPS back to plain HTTP",
    severity: Severity::High,
    group: Group::Https,
    standard: "RFC 9325, section 3.2",
    why: "The visitor asked for a protected page and is sent to an unprotected one, where the \
          address, cookies and contents can be read and changed.",
    fix: "Let every redirect that an HTTPS page sends point to an https:// address.",
    paste: paste::NO_DOWNGRADE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let walks = [&http.secure, &http.plain];
    let step = walks.iter().find_map(|walk| {
        let steps = walk.hops.windows(2);
        steps
            .into_iter()
            .find(|step| step[0].scheme == Scheme::Https && step[1].scheme == Scheme::Http)
    });
    if let Some([from, to]) = step {
        return Ok(Verdict::Fail(format!("{} redirects to {}", from.url(), to.url())));
    }
    if http.secure.hops.is_empty() {
        return match http.secure.failure() {
            Some(_) => Ok(Verdict::NotApplicable("there is no HTTPS to come from")),
            None => Err(Missing::not_probed()),
        };
    }
    http.secure.landed()?.judgeable().map(|()| Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn https_must_not_lead_to_http() {
        let mut http = sample::site(&[]);
        http.secure = sample::walk(vec![
            sample::hop("https://example.com/", 302, &[("location", "http://example.com/")]),
            sample::hop("http://example.com/", 200, &[]),
        ]);
        assert_eq!(
            judged(&CHECK, &sample::evidence(http)),
            "fail: https://example.com/ redirects to http://example.com/"
        );
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
