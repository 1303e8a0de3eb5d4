use model::Severity;

use super::records;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "svcb.missing",
    title: "DNS does not tell browsers that the site speaks HTTPS",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 9460, section 9.5",
    why: "With an HTTPS record a browser that heeds it never asks in clear, not even the first \
          time, and learns of HTTP/2 and HTTP/3 before it connects.",
    fix: "Publish an HTTPS record beside the addresses.",
    paste: &[Paste { tool: Tool::Dns, text: "{domain}. IN HTTPS 1 . alpn=h2" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let records = records(evidence)?;
    if evidence.addresses.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Verdict::NotApplicable("the domain has no address, so there is no web server"));
    }
    Ok(Verdict::fail_if(records.is_empty(), || "there is no HTTPS record".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::{service, unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_site_has_a_record() {
        assert_eq!(judged(&CHECK, &with(Vec::new())), "fail: there is no HTTPS record");
        assert_eq!(judged(&CHECK, &with(vec![service(|_| ())])), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
        let nowhere = Evidence { addresses: Some(Vec::new()), ..with(Vec::new()) };
        assert!(judged(&CHECK, &nowhere).starts_with("not applicable"));
    }
}
