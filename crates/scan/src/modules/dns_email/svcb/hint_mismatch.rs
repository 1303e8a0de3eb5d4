use std::net::IpAddr;

use model::Severity;

use super::{NO_RECORD, SvcbRecord, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "svcb.hint-mismatch",
    title: "An HTTPS record hints at addresses that the site no longer has",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 9460, section 7.3",
    why: "Browsers may connect to the hinted addresses first: to a server that was given up, or to \
          whoever has its address now.",
    fix: "Make the hints equal to the addresses of the target, or leave them out.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let records = records(evidence)?;
    if records.is_empty() {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    }
    let hinting: Vec<_> = records.iter().filter(|record| !record.hints.is_empty()).collect();
    if hinting.is_empty() {
        return Ok(Verdict::NotApplicable("the records give no hints"));
    }
    let stale = hinting.iter().find_map(|record| {
        let addresses = record.addresses.as_ref().ok()?;
        [true, false].into_iter().find_map(|v4| stale(record, addresses, v4))
    });
    match hinting.iter().find_map(|record| record.addresses.as_ref().err()) {
        Some(missing) if stale.is_none() => Err(missing.clone()),
        _ => Ok(stale.map_or(Verdict::Pass, Verdict::Fail)),
    }
}

/// Returns a hint of one family when none of that family is an address of the target. One that is
/// there is enough: many services answer everybody with others of their addresses.
fn stale(record: &SvcbRecord, addresses: &[IpAddr], v4: bool) -> Option<String> {
    let mut hints = record.hints.iter().filter(|hint| hint.is_ipv4() == v4).peekable();
    let first = **hints.peek()?;
    let any = addresses.iter().any(|address| address.is_ipv4() == v4);
    let met = hints.any(|hint| addresses.contains(hint));
    (any && !met).then(|| format!("{first} is hinted at and is no address of the target"))
}

#[cfg(test)]
mod tests {
    use super::super::{service, unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_hint_is_an_address_of_the_target() {
        let judge = |hints: &[&str]| {
            let hints = hints.iter().map(|text| text.parse().unwrap()).collect();
            judged(&CHECK, &with(vec![service(|record| record.hints = hints)]))
        };
        assert_eq!(
            judge(&["192.0.2.9"]),
            "fail: 192.0.2.9 is hinted at and is no address of the target"
        );
        assert_eq!(judge(&["192.0.2.9", "192.0.2.1"]), "pass");
        assert_eq!(judge(&["2001:db8::1"]), "pass");
        assert_eq!(judge(&[]), "not applicable: the records give no hints");
        assert!(judged(&CHECK, &with(Vec::new())).starts_with("not applicable"));
        let silent = service(|record| record.addresses = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &with(vec![silent])), "missing: silence");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
