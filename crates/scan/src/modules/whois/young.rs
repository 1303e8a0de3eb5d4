use model::{DAY_MS, Severity};

use super::registration;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

/// Days for which a domain is young.
const YOUNG: i64 = 30;

pub(super) const CHECK: Check = Check {
    id: "registration.young",
    title: "The domain was registered less than 30 days ago",
    severity: Severity::Info,
    group: Group::Registration,
    standard: "M3AAWG Sending Domains Best Common Practices",
    why: "Most domains that serve fraud are days old, so filters mistrust the young. A supplier whose \
          domain is new is worth a second look.",
    fix: "Nothing but time helps; begin to send mail slowly.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = registration(evidence)?;
    let untold = || Missing(format!("{} tells no date of registration", registration.server));
    let created = registration.created.ok_or_else(untold)?;
    let age = evidence.seen_at()?.ms_since(created).max(0) / DAY_MS;
    Ok(Verdict::fail_if(age < YOUNG, || format!("it is {age} days old")))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_domain_is_no_newcomer() {
        let aged = |days: i64| with(|it| it.created = Some(Timestamp((20_750 - days) * DAY_MS)));
        assert_eq!(judged(&CHECK, &aged(29)), "fail: it is 29 days old");
        assert_eq!(judged(&CHECK, &aged(30)), "pass");
        let untold = with(|it| it.created = None);
        assert_eq!(judged(&CHECK, &untold), "missing: rdap.example tells no date of registration");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
