use model::Severity;

use super::found;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste;

pub(super) const CHECK: Check = Check {
    id: "securitytxt.missing",
    title: "The site does not say whom to tell about a flaw (security.txt)",
    severity: Severity::Info,
    group: Group::DisclosureContact,
    standard: "RFC 9116, section 3",
    why: "Somebody who finds a flaw and nobody to tell gives up, or tells the public.",
    fix: "Put a text file with Contact and Expires at /.well-known/security.txt.",
    paste: paste::SECURITY_TXT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let file = found(http)?;
    Ok(Verdict::fail_if(file.is_none(), || "/.well-known/security.txt is not there".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::TextFile;
    use crate::modules::http_headers::sample;

    fn judge(status: u16, text: &str) -> String {
        let mut http = sample::site(&[]);
        let url = "https://example.com/.well-known/security.txt".to_owned();
        http.security_txt = Ok(TextFile { url, status, content_type: None, text: text.to_owned() });
        judged(&CHECK, &sample::evidence(http))
    }

    #[test]
    fn a_page_for_everything_is_no_security_txt() {
        assert_eq!(judge(404, ""), "fail: /.well-known/security.txt is not there");
        assert!(judge(200, "<!doctype html><title>Shop</title>").starts_with("fail"));
        assert_eq!(judge(200, "Contact: mailto:a@example.com"), "pass");
        assert!(judge(502, "").starts_with("missing"));
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
