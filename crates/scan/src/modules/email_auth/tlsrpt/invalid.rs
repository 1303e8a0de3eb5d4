use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::tags::{tags, value};

pub(super) const CHECK: Check = Check {
    id: "tlsrpt.invalid",
    title: "The TLS-RPT record cannot be used",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8460, section 3",
    why: "Senders ignore a record without an address they can report to.",
    fix: "Name an address with `mailto:` or `https:` in `rua`.",
    paste: paste::TLSRPT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    let [record] = records else { return Ok(Verdict::NotApplicable(NO_RECORD)) };
    let problem = match tags(record) {
        Err(part) => Some(format!("`{part}` is no pair of name and value")),
        Ok(tags) => match value(&tags, "rua") {
            None => Some("there is no `rua`".to_owned()),
            Some(addresses) => addresses.split(',').map(str::trim).find_map(|address| {
                (!is_address(address)).then(|| {
                    let shown: String = address.chars().take(80).collect();
                    format!("`{shown}` is no address for reports")
                })
            }),
        },
    };
    Ok(problem.map_or(Verdict::Pass, Verdict::Fail))
}

/// Returns whether reports can be sent there.
fn is_address(address: &str) -> bool {
    let mail = address.strip_prefix("mailto:").and_then(|mail| mail.split_once('@'));
    let web = address.strip_prefix("https://");
    mail.is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        || web.is_some_and(|rest| rest.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn reports_go_to_an_address() {
        let judge =
            |text: &str| judged(&CHECK, &seen(|mail| mail.tls_rpt = Ok(vec![text.to_owned()])));
        assert_eq!(judge("v=TLSRPTv1"), "fail: there is no `rua`");
        assert_eq!(
            judge("v=TLSRPTv1; rua=tls@example.com"),
            "fail: `tls@example.com` is no address for reports"
        );
        assert_eq!(
            judge("v=TLSRPTv1; rua=http://r.example.com"),
            "fail: `http://r.example.com` is no address for reports"
        );
        assert_eq!(judge("v=TLSRPTv1;rua=mailto:a@example.com,https://r.example.com/x"), "pass");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.tls_rpt = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
