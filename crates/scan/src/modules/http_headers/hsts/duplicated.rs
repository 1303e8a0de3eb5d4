use model::Severity;

use super::hosts;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.duplicated",
    title: "The HSTS header is sent more than once",
    severity: Severity::Low,
    group: Group::Https,
    standard: "RFC 6797, section 8.1",
    why: "Browsers heed only the first of several headers, which may not be the one you mean. It \
          usually means that both the application and a proxy set it.",
    fix: "Set the header in one place only.",
    careful: Some(super::CAREFUL),
    paste: replace_header!("Strict-Transport-Security", "max-age=63072000"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let hosts = hosts(evidence.http()?)?;
    if hosts.iter().all(|host| host.values.is_empty()) {
        return Ok(Verdict::NotApplicable("no HSTS header is sent over HTTPS"));
    }
    Ok(match hosts.iter().find(|host| host.values.len() > 1) {
        Some(host) => Verdict::Fail(format!(
            "{} sends {}",
            host.name,
            host.values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" and ")
        )),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn one_header_is_enough() {
        let header = ("strict-transport-security", "max-age=1");
        assert_eq!(judged(&CHECK, &sample::page(&[header])), "pass");
        assert_eq!(
            judged(&CHECK, &sample::page(&[header, ("strict-transport-security", "max-age=2")])),
            "fail: example.com sends `max-age=1` and `max-age=2`"
        );
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
