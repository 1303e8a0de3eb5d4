use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "header.permissions-policy-invalid",
    title: "The Permissions-Policy header is written so that browsers skip it",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Permissions Policy, section 5.2; RFC 9651, section 3.2",
    why: "A header with one mistake is dropped whole, so it switches nothing off.",
    fix: "Write each feature as name=(), name=self or name=(self \"https://origin\"), with commas \
          between them.",
    paste: replace_header!(
        "Permissions-Policy",
        "camera=(), geolocation=(), microphone=(), payment=()"
    ),
    run,
    ..Check::BASE
};

const NONE: &str = "the page sends no Permissions-Policy header";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let text = page.all("permissions-policy").collect::<Vec<_>>().join(", ");
    if text.trim().is_empty() {
        return Ok(Verdict::NotApplicable(NONE));
    }
    let wrong = text.split(',').map(str::trim).find(|member| !is_member(member));
    Ok(Verdict::fail_if(wrong.is_some(), || {
        let shown: String = wrong.unwrap_or_default().chars().take(80).collect();
        format!("{} sends `{shown}`", page.url())
    }))
}

/// Says whether a part is a member of a dictionary with an allow list: `camera=()`, `usb=self`.
fn is_member(member: &str) -> bool {
    let Some((name, list)) = member.split_once('=') else { return false };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase() || c == '*')
            && name.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.*".contains(&byte)
            })
    };
    let is_item = |item: &str| {
        let quoted = item.len() >= 2 && item.starts_with('"') && item.ends_with('"');
        quoted || matches!(item, "*" | "self" | "src" | "none") || is_name(item)
    };
    let list = list.split(';').next().unwrap_or_default();
    let items = list.strip_prefix('(').and_then(|list| list.strip_suffix(')'));
    is_name(name)
        && match items {
            Some(items) => items.split_ascii_whitespace().all(is_item),
            None => is_item(list),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_old_writing_is_told_from_the_new() {
        let judge = |value| judged(&CHECK, &sample::page(&[("permissions-policy", value)]));
        assert_eq!(judge("camera=(), usb=self, fullscreen=(self \"https://a.test\"), x=*"), "pass");
        assert_eq!(
            judge("camera 'none'; microphone 'none'"),
            "fail: https://example.com/ sends `camera 'none'; microphone 'none'`"
        );
        assert!(judge("camera=()  microphone=()").starts_with("fail"));
        assert!(judge("camera='self'").starts_with("fail"));
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
