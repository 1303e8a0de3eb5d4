use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "svcb.target-unresolved",
    title: "An HTTPS record leads to a name without an address",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 9460, sections 2.4 and 3",
    why: "Browsers that heed the record reach the site late or not at all. A name that anybody can \
          register would even hand them the visitors.",
    fix: "Give the target an address, or remove the record.",
    paste: paste::HOST_ADDRESS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let records: Vec<_> =
        records(evidence)?.iter().filter(|record| !record.target.is_empty()).collect();
    if records.is_empty() {
        let none = super::records(evidence)?.is_empty();
        let why = if none { NO_RECORD } else { "the records lead to the domain itself" };
        return Ok(Verdict::NotApplicable(why));
    }
    let dead: Vec<_> = records
        .iter()
        .filter(|record| record.addresses.as_ref().is_ok_and(Vec::is_empty))
        .map(|record| record.target.as_str())
        .collect();
    match records.iter().find_map(|record| record.addresses.as_ref().err()) {
        Some(missing) if dead.is_empty() => Err(missing.clone()),
        _ => {
            Ok(Verdict::fail_if(!dead.is_empty(), || format!("{} has no address", dead.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{service, unseen, with};
    use super::*;
    use crate::check::{Seen, judged};

    #[test]
    fn targets_have_addresses() {
        let judge = |addresses: Seen<Vec<std::net::IpAddr>>| {
            let record = service(|record| {
                record.target = "cdn.example".to_owned();
                record.addresses = addresses;
            });
            judged(&CHECK, &with(vec![record]))
        };
        assert_eq!(judge(Ok(Vec::new())), "fail: cdn.example has no address");
        assert_eq!(judge(Ok(vec!["192.0.2.1".parse().unwrap()])), "pass");
        assert_eq!(judge(Err(Missing("silence".to_owned()))), "missing: silence");
        assert!(judged(&CHECK, &with(vec![service(|_| ())])).starts_with("not applicable"));
        assert!(judged(&CHECK, &with(Vec::new())).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
