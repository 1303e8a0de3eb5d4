use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.corp-missing",
    title: "Other sites can load the site's responses into their pages",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "Fetch standard, the Cross-Origin-Resource-Policy header",
    why: "A response that foreign pages may embed ends up in their process, where side-channel attacks \
          can read it.",
    fix: "Send Cross-Origin-Resource-Policy: same-site with everything that other sites need not \
          embed.",
    careful: Some(
        "Other sites that embed your pictures, fonts, scripts or feeds lose them: leave the \
         header out for what is meant for them.",
    ),
    paste: set_header!("Cross-Origin-Resource-Policy", "same-site"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let missing =
        page.first("cross-origin-resource-policy").is_none_or(|value| value.trim().is_empty());
    Ok(Verdict::fail_if(missing, || {
        format!("{} sends no Cross-Origin-Resource-Policy header", page.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn embedding_can_be_limited() {
        let judge =
            |value| judged(&CHECK, &sample::page(&[("cross-origin-resource-policy", value)]));
        assert_eq!(judge("same-origin"), "pass");
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Cross-Origin-Resource-Policy header"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
