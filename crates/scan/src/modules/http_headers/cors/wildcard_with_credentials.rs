use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "cors.wildcard-with-credentials",
    title: "CORS is opened to everybody with credentials",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "Fetch standard, CORS protocol and credentials",
    why: "Browsers refuse the combination of * and credentials, so it does not work as meant, and the usual \
          next step, repeating the origin, opens the site to everybody.",
    fix: "Name the origins that need credentials, or drop Access-Control-Allow-Credentials.",
    paste: paste::ONE_ORIGIN,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let answer = evidence.http()?.cors.as_ref().map_err(Clone::clone)?;
    let with_credentials = answer.allow_credentials.as_deref().is_some_and(|value| value == "true");
    let origin = answer.allow_origin.as_deref();
    let failed = with_credentials && origin == Some("*");
    Ok(Verdict::fail_if(failed, || "the answer allows `*` and credentials".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::CorsAnswer;
    use crate::modules::http_headers::sample;

    fn judge(allow_origin: Option<&str>, allow_credentials: Option<&str>) -> String {
        let mut http = sample::site(&[]);
        http.cors = Ok(CorsAnswer {
            origin: "https://x.invalid".to_owned(),
            status: 200,
            allow_origin: allow_origin.map(str::to_owned),
            allow_credentials: allow_credentials.map(str::to_owned),
        });
        judged(&CHECK, &sample::evidence(http))
    }

    #[test]
    fn a_star_does_not_go_with_credentials() {
        assert_eq!(judge(Some("*"), Some("true")), "fail: the answer allows `*` and credentials");
        assert_eq!(judge(Some("*"), None), "pass");
        assert_eq!(judge(Some("https://app.example.com"), Some("true")), "pass");
        assert_eq!(judge(None, None), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
