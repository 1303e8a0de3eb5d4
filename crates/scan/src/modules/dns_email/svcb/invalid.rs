use model::Severity;

use super::{NO_RECORD, SvcbRecord, records};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "svcb.invalid",
    title: "The HTTPS records contradict themselves",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 9460, sections 2.4, 7.1 and 8",
    why: "Browsers ignore such records, or each takes another part of them.",
    fix: "Publish either one alias (priority 0) or services (priority 1 and up), and name in \
          `mandatory` only keys that the record has.",
    paste: &[Paste { tool: Tool::Dns, text: "{domain}. IN HTTPS 1 . alpn=h2" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let records = records(evidence)?;
    if records.is_empty() {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    }
    let aliases = records.iter().filter(|record| record.is_alias()).count();
    let problem = match aliases {
        0 => records.iter().find_map(problem),
        1 if records.len() == 1 => records[0]
            .target
            .is_empty()
            .then(|| "the alias leads nowhere, so the site says that it does not exist".to_owned()),
        many if many == records.len() => Some(format!("there are {many} aliases")),
        _ => Some("there are an alias and services".to_owned()),
    };
    Ok(problem.map_or(Verdict::Pass, Verdict::Fail))
}

/// Returns what is wrong with one service.
fn problem(record: &SvcbRecord) -> Option<String> {
    if !record.absent.is_empty() {
        return Some(format!("`mandatory` names what is absent: {}", record.absent.join(", ")));
    }
    (record.no_default_alpn && record.alpn.is_empty())
        .then(|| "`no-default-alpn` without `alpn`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{service, unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn records_agree() {
        let alias = |target: &str| {
            service(|record| {
                record.priority = 0;
                record.target = target.to_owned();
            })
        };
        assert_eq!(judged(&CHECK, &with(vec![service(|_| ()), service(|_| ())])), "pass");
        assert_eq!(judged(&CHECK, &with(vec![alias("cdn.example")])), "pass");
        for (records, seen) in [
            (vec![alias("a.example"), service(|_| ())], "there are an alias and services"),
            (vec![alias("a.example"), alias("b.example")], "there are 2 aliases"),
            (vec![alias("")], "the alias leads nowhere, so the site says that it does not exist"),
            (
                vec![service(|record| record.absent = vec!["ech".to_owned()])],
                "`mandatory` names what is absent: ech",
            ),
            (
                vec![service(|record| {
                    record.no_default_alpn = true;
                    record.alpn.clear();
                })],
                "`no-default-alpn` without `alpn`",
            ),
        ] {
            assert_eq!(judged(&CHECK, &with(records)), format!("fail: {seen}"));
        }
        assert!(judged(&CHECK, &with(Vec::new())).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
