use model::Severity;

use super::{NO_FILE, found};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "securitytxt.invalid",
    title: "The security.txt breaks its standard",
    severity: Severity::Low,
    group: Group::DisclosureContact,
    standard: "RFC 9116, sections 2.5 and 3",
    why: "Tools and people may not find the contact in it.",
    fix: "Serve it over HTTPS as text/plain, with at least one Contact and exactly one Expires.",
    paste: paste::SECURITY_TXT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((file, parsed)) = found(evidence.http()?)? else {
        return Ok(Verdict::NotApplicable(NO_FILE));
    };
    let mut problems = parsed.problems();
    if !file.url.starts_with("https://") {
        problems.push("it is not served over HTTPS".to_owned());
    }
    let media_type = file.content_type.as_deref().unwrap_or("").split(';').next().unwrap_or("");
    if !media_type.trim().eq_ignore_ascii_case("text/plain") {
        problems.push("its Content-Type is not text/plain".to_owned());
    }
    Ok(Verdict::fail_if(!problems.is_empty(), || problems.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::TextFile;
    use crate::modules::http_headers::sample;

    fn judge(content_type: &str, text: &str) -> String {
        let mut http = sample::site(&[]);
        http.security_txt = Ok(TextFile {
            url: "https://example.com/.well-known/security.txt".to_owned(),
            status: 200,
            content_type: Some(content_type.to_owned()),
            text: text.to_owned(),
        });
        judged(&CHECK, &sample::evidence(http))
    }

    #[test]
    fn the_standard_is_held() {
        let good = "Contact: mailto:a@example.com\nExpires: 2027-01-01T00:00:00Z";
        assert_eq!(judge("text/plain; charset=utf-8", good), "pass");
        assert_eq!(judge("text/html", good), "fail: its Content-Type is not text/plain");
        assert_eq!(judge("text/plain", "Contact: mailto:a@x.org"), "fail: `Expires` is missing");
        assert!(judge("text/plain", "hello").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
