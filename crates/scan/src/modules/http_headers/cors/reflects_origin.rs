use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "cors.reflects-origin",
    title: "Any site may read the site's responses in the visitor's name",
    severity: Severity::High,
    group: Group::BrowserPolicy,
    standard: "Fetch standard, CORS protocol and credentials",
    why: "The server repeats whatever origin asks and allows cookies, so any page a signed-in visitor opens \
          can read their data here.",
    fix: "Compare the origin with a list of your own sites, and send no CORS headers to others.",
    careful: Some(
        "Sites and apps that read answers with a session of yours stop working: log the Origin \
         header for a while to see which ones those are.",
    ),
    paste: paste::ONE_ORIGIN,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let answer = evidence.http()?.cors.as_ref().map_err(Clone::clone)?;
    let with_credentials = answer.allow_credentials.as_deref().is_some_and(|value| value == "true");
    let origin = answer.allow_origin.as_deref();
    let failed = with_credentials && origin == Some(answer.origin.as_str());
    Ok(Verdict::fail_if(failed, || {
        format!("a request from `{}` was allowed with credentials", answer.origin)
    }))
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
    fn a_foreign_origin_must_not_read_with_cookies() {
        assert_eq!(
            judge(Some("https://x.invalid"), Some("true")),
            "fail: a request from `https://x.invalid` was allowed with credentials"
        );
        assert_eq!(judge(Some("https://x.invalid"), None), "pass");
        assert_eq!(judge(Some("https://app.example.com"), Some("true")), "pass");
        assert_eq!(judge(None, None), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
