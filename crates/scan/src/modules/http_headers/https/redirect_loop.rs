use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::evidence::End;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "https.redirect-loop",
    title: "The site's redirects never end",
    severity: Severity::Medium,
    group: Group::Https,
    standard: "RFC 9110, section 15.4",
    why: "Browsers give up after some twenty redirects, so nobody sees the site. The usual cause is \
          a proxy that speaks HTTPS to visitors and plain HTTP to a server that redirects to HTTPS.",
    fix: "Let the server behind the proxy trust `X-Forwarded-Proto`, or let the proxy speak HTTPS \
          to it.",
    careful: Some(
        "A server that anybody reaches past the proxy must not believe the header: let it take \
         connections from the proxy alone.",
    ),
    paste: paste::TRUE_SCHEME,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let walks = [&http.secure, &http.plain];
    for walk in walks {
        if !matches!(walk.end, End::Loop | End::TooLong) {
            continue;
        }
        if walk.hops.iter().any(|hop| !hop.cookies.is_empty()) {
            return Err(Missing(
                "the site redirects until a cookie comes back, which the scan does not send"
                    .to_owned(),
            ));
        }
        let first = walk.hops.first().map(|hop| hop.url()).unwrap_or_default();
        let hops = walk.hops.len();
        return Ok(Verdict::Fail(match walk.end {
            End::Loop => format!("{first} leads back to where it was after {hops} redirects"),
            _ => format!("{first} redirects more than 10 times"),
        }));
    }
    match walks.iter().find_map(|walk| walk.landed().ok()) {
        Some(_) => Ok(Verdict::Pass),
        None => http.secure.landed().map(|_| Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::cookies::ReceivedCookie;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_circle_is_found_unless_a_cookie_would_end_it() {
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        let mut http = sample::site(&[]);
        http.secure.end = End::Loop;
        assert_eq!(
            judged(&CHECK, &sample::evidence(http.clone())),
            "fail: https://example.com/ leads back to where it was after 1 redirects"
        );
        http.secure.hops[0].cookies.push(ReceivedCookie::receive("seen=1"));
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("missing"));
    }
}
