use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::evidence::Failure;
use crate::modules::ssl_tls::paste::CERTIFICATE;

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
    match http.secure.failure() {
        None => Err(Missing::not_probed()),
        // Only where plain HTTP works is the failure that of HTTPS and not of the way there.
        Some(error) if http.plain.hops.is_empty() => Err(unseen(error)),
        Some(Failure::Refused) => {
            Ok(Verdict::Fail("port 443 refuses connections while port 80 answers".to_owned()))
        }
        Some(Failure::Protocol(problem)) => Ok(Verdict::Fail(format!(
            "port 443 does not speak HTTPS while port 80 answers: {problem}"
        ))),
        Some(Failure::Closed) => {
            Ok(Verdict::Fail("port 443 hangs up while port 80 answers".to_owned()))
        }
        Some(error) => Err(unseen(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    fn judge(https: Failure) -> String {
        let mut http = sample::site(&[]);
        http.plain.hops.truncate(1);
        http.secure = sample::failed(https);
        judged(&CHECK, &sample::evidence(http))
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
    fn silence_is_not_judged() {
        assert_eq!(judge(Failure::TimedOut), "missing: https://example.com/: no answer in time");
        let mut http = sample::site(&[]);
        http.secure = sample::failed(Failure::Refused);
        http.plain = sample::failed(Failure::Refused);
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
