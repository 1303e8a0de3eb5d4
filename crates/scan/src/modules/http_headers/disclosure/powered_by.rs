use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::remove_header;

/// Headers that exist to tell which software made the page.
const HEADERS: &[&str] = &[
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-runtime-version",
];

pub(super) const CHECK: Check = Check {
    id: "disclosure.powered-by",
    title: "A header tells which software makes the pages",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "OWASP Secure Headers Project, X-Powered-By",
    why: "It helps nobody but those who look for sites with a known flaw.",
    fix: "Switch the header off in the application, or remove it in the web server.",
    paste: remove_header!("X-Powered-By"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let sent: Vec<String> = HEADERS
        .iter()
        .filter_map(|name| Some(format!("`{name}: {}`", page.first(name)?)))
        .collect();
    Ok(Verdict::fail_if(!sent.is_empty(), || format!("{} sends {}", page.url(), sent.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_software_need_not_be_named() {
        assert_eq!(
            judged(&CHECK, &sample::page(&[("x-powered-by", "PHP/8.2.1")])),
            "fail: https://example.com/ sends `x-powered-by: PHP/8.2.1`"
        );
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
