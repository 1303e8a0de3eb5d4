use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "header.permissions-policy-missing",
    title: "No browser features are switched off",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "W3C Permissions Policy, the Permissions-Policy header",
    why: "Injected or embedded scripts may ask visitors for camera, microphone or position in the \
          site's name.",
    fix: "Send Permissions-Policy and switch off what the site does not use.",
    careful: Some(
        "Pages and frames that use the camera, the position or payment stop working: leave out of \
         the list what the site needs.",
    ),
    paste: set_header!(
        "Permissions-Policy",
        "camera=(), geolocation=(), microphone=(), payment=()"
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let missing = page.first("permissions-policy").is_none_or(|value| value.trim().is_empty());
    Ok(Verdict::fail_if(missing, || format!("{} sends no Permissions-Policy header", page.url())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn unused_features_can_be_switched_off() {
        let judge = |value| judged(&CHECK, &sample::page(&[("permissions-policy", value)]));
        assert_eq!(judge("camera=()"), "pass");
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Permissions-Policy header"
        );
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
