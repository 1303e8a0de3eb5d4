use model::Severity;

use super::{NO_FILE, found};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "securitytxt.expired",
    title: "The security.txt has expired",
    severity: Severity::Low,
    group: Group::DisclosureContact,
    standard: "RFC 9116, section 2.5.5",
    why: "Readers must not trust an expired file, so it is as good as none.",
    fix: "Check the contacts and set Expires to a time less than a year ahead.",
    paste: paste::SECURITY_TXT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, file)) = found(evidence.http()?)? else {
        return Ok(Verdict::NotApplicable(NO_FILE));
    };
    let Some(expiry) = file.expiry() else {
        return Ok(Verdict::NotApplicable("the file does not say when it expires"));
    };
    let now = evidence.seen_at()?;
    Ok(Verdict::fail_if(expiry < now, || format!("it expired on {}", file.expires.join(""))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::TextFile;
    use crate::modules::http_headers::sample;

    fn judge(text: &str) -> String {
        let mut http = sample::site(&[]);
        let url = "https://example.com/.well-known/security.txt".to_owned();
        http.security_txt =
            Ok(TextFile { url, status: 200, content_type: None, text: text.to_owned() });
        judged(&CHECK, &sample::evidence(http))
    }

    #[test]
    fn the_date_is_held_against_the_day_of_the_scan() {
        assert_eq!(
            judge("Expires: 2026-11-01T00:00:00Z"),
            "fail: it expired on 2026-11-01T00:00:00Z"
        );
        assert_eq!(judge("Expires: 2026-12-01T00:00:00Z"), "pass");
        assert!(judge("Contact: x").starts_with("not applicable"));
        assert!(judge("hello").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
