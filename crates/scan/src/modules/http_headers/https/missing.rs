use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::evidence::{Failure, HttpEvidence};
use crate::modules::ssl_tls::paste::CERTIFICATE;
use crate::net::Scheme;

pub(super) const CHECK: Check = Check {
    id: "https.missing",
    title: "The site cannot be reached over HTTPS",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Https,
    standard: "RFC 9325, section 3.2",
    why: "Whoever sits between a visitor and the site can read and change everything: pages, forms, \
          passwords.",
    fix: "Get a certificate, for instance from a free authority by ACME, and let the server answer \
          on port 443.",
    careful: Some(
        "Redirect nothing to HTTPS before the certificate is there and every page was looked at \
         with it.",
    ),
    paste: CERTIFICATE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    if !http.secure.hops.is_empty() {
        return Ok(Verdict::Pass);
    }
    if http.leads_to_https() {
        return Ok(Verdict::NotApplicable("the site has HTTPS on another name"));
    }
    let unseen = |error: &Failure| Missing(format!("https://{}/: {error}", http.domain));
    match (http.secure.failure(), &http.https_shut) {
        (None, _) => Err(Missing::not_probed()),
        // Only where plain HTTP works is the failure that of HTTPS and not of the way there.
        (Some(error), _) if http.plain.hops.is_empty() => Err(unseen(error)),
        (Some(Failure::Refused | Failure::TimedOut), Ok(false)) => {
            Err(Missing("port 443 takes connections, if not always or not everywhere".to_owned()))
        }
        (Some(Failure::Refused), _) => {
            Ok(Verdict::Fail("port 443 refuses connections while port 80 answers".to_owned()))
        }
        (Some(Failure::TimedOut), Ok(true)) if serves_plainly(http) => Ok(Verdict::Fail(
            "nobody can connect to port 443 (no answer in time) while port 80 serves a page"
                .to_owned(),
        )),
        (Some(Failure::Protocol(problem)), _) => Ok(Verdict::Fail(format!(
            "port 443 does not speak HTTPS while port 80 answers: {problem}"
        ))),
        (Some(Failure::Closed), _) => {
            Ok(Verdict::Fail("port 443 hangs up while port 80 answers".to_owned()))
        }
        (Some(error), _) => Err(unseen(error)),
    }
}

/// Says whether port 80 serves a page of the site itself. One that leads to HTTPS has a server for
/// it, which we could not see.
fn serves_plainly(http: &HttpEvidence) -> bool {
    http.plain.landed().is_ok_and(|page| {
        page.scheme == Scheme::Http && http.is_own(&page.host) && page.judgeable().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    fn without_https(https: Failure) -> HttpEvidence {
        let mut http = sample::site(&[]);
        http.plain = sample::walk(vec![sample::hop("http://example.com/", 200, &[])]);
        http.secure = sample::failed(https);
        http
    }

    fn judge(https: Failure) -> String {
        judged(&CHECK, &sample::evidence(without_https(https)))
    }

    #[test]
    fn a_closed_port_beside_an_open_one_is_missing_https() {
        assert_eq!(
            judge(Failure::Refused),
            "fail: port 443 refuses connections while port 80 answers"
        );
        assert!(
            judge(Failure::Protocol("the TLS handshake failed".to_owned())).starts_with("fail")
        );
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
    }

    #[test]
    fn a_door_that_nobody_can_open_beside_a_plain_page_is_missing_https() {
        let mut http = without_https(Failure::TimedOut);
        http.https_shut = Ok(true);
        assert_eq!(
            judged(&CHECK, &sample::evidence(http.clone())),
            "fail: nobody can connect to port 443 (no answer in time) while port 80 serves a page"
        );
        // It opened: what hides behind it was not seen.
        http.https_shut = Ok(false);
        assert_eq!(
            judged(&CHECK, &sample::evidence(http.clone())),
            "missing: port 443 takes connections, if not always or not everywhere"
        );
        // Port 80 leads to a server that we could not reach, or keeps us out.
        http.https_shut = Ok(true);
        http.plain.hops[0].blocked = Some("the status".to_owned());
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }

    #[test]
    fn silence_is_not_judged() {
        assert_eq!(judge(Failure::TimedOut), "missing: https://example.com/: no answer in time");
        let mut http = sample::site(&[]);
        http.secure = sample::failed(Failure::Refused);
        http.plain = sample::failed(Failure::Refused);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
