use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.session-cacheable",
    title: "A response that begins a session may be stored by caches",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "RFC 9111, sections 3.5 and 7.3",
    why: "A cache between server and visitors may hand one visitor's session cookie to the next.",
    fix: "Send Cache-Control: no-store with every response that sets a session cookie or shows \
          personal data.",
    careful: Some(
        "Set for the whole site it keeps pictures and scripts from being cached as well: set it \
         where a session begins and where personal data is shown.",
    ),
    paste: set_header!("Cache-Control", "no-store"),
    run,
    ..Check::BASE
};

const NO_SESSION: &str = "the page begins no session";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let Some(cookie) = page.cookies.iter().find(|cookie| cookie.is_session()) else {
        return Ok(Verdict::NotApplicable(NO_SESSION));
    };
    let header = page.all("cache-control").collect::<Vec<_>>().join(",").to_ascii_lowercase();
    let says = |wanted: &str| {
        let mut directives = header.split(',').map(|part| part.split('=').next().unwrap_or(""));
        directives.any(|directive| directive.trim() == wanted)
    };
    let kept_out = says("no-store") || says("private") || says("no-cache");
    Ok(Verdict::fail_if(!kept_out, || {
        format!(
            "{} sets `{}` and sends {}",
            page.url(),
            cookie.name,
            if header.is_empty() { "no Cache-Control" } else { "a Cache-Control that lets it" }
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::cookies::ReceivedCookie;
    use crate::modules::http_headers::sample;

    #[test]
    fn sessions_stay_out_of_caches() {
        let judge = |headers: &[(&str, &str)], cookie: &str| {
            let mut http = sample::site(headers);
            http.secure.hops[0].cookies = vec![ReceivedCookie::receive(cookie)];
            judged(&CHECK, &sample::evidence(http))
        };
        assert_eq!(
            judge(&[], "sessionid=1"),
            "fail: https://example.com/ sets `sessionid` and sends no Cache-Control"
        );
        let public: &[(&str, &str)] = &[("cache-control", "public, max-age=60")];
        assert!(judge(public, "sessionid=1").ends_with("a Cache-Control that lets it"));
        assert_eq!(judge(&[("cache-control", "Private, max-age=0")], "sessionid=1"), "pass");
        assert!(judge(&[], "theme=light").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
