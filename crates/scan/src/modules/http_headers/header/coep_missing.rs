use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.coep-missing",
    title: "The page is not isolated from what it embeds",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "HTML standard, the Cross-Origin-Embedder-Policy header",
    why: "Files of other sites come with the visitor's cookies into the same process, where \
          side-channel attacks could read them.",
    fix: "Send Cross-Origin-Embedder-Policy: credentialless (Safari knows `require-corp` alone), \
          after trying it with Cross-Origin-Embedder-Policy-Report-Only.",
    careful: Some(
        "Pictures, frames and scripts of other sites that do not allow it stop loading under \
         `require-corp`, and come without cookies under `credentialless`: try it with the \
         Report-Only header.",
    ),
    paste: set_header!("Cross-Origin-Embedder-Policy", "credentialless"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let isolates = page.first("cross-origin-embedder-policy").is_some_and(|value| {
        let policy = value.split(';').next().unwrap_or_default().trim();
        matches!(policy, "require-corp" | "credentialless")
    });
    Ok(Verdict::fail_if(!isolates, || {
        format!("{} sends no Cross-Origin-Embedder-Policy that isolates it", page.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_page_can_be_isolated() {
        let judge =
            |value| judged(&CHECK, &sample::page(&[("cross-origin-embedder-policy", value)]));
        assert_eq!(judge("require-corp; report-to=\"x\""), "pass");
        assert_eq!(judge("credentialless"), "pass");
        assert!(judge("unsafe-none").starts_with("fail"));
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Cross-Origin-Embedder-Policy that isolates it"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
