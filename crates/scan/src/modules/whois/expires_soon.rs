use model::{DAY_MS, Severity};

use super::registration;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

/// Days before the end from which a registration is late for renewal.
const SOON: i64 = 30;

pub(super) const CHECK: Check = Check {
    id: "registration.expires-soon",
    title: "The registration ends within 30 days",
    severity: Severity::Medium,
    group: Group::Registration,
    standard: "RFC 9083, section 4.5; ICANN Expired Registration Recovery Policy",
    why: "A domain that is not renewed takes web and mail with it. A registrar that renews by itself \
          may do so only on the last days, which nobody outside can tell from one that does not.",
    fix: "Renew the domain now, for several years where it matters, and see that automatic renewal \
          and its means of payment work.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = registration(evidence)?;
    let untold = || Missing(format!("{} tells no date of expiry", registration.server));
    let left = registration.expires.ok_or_else(untold)?.ms_since(evidence.seen_at()?);
    if left < 0 {
        return Ok(Verdict::NotApplicable("the registration has expired"));
    }
    Ok(Verdict::fail_if(left < SOON * DAY_MS, || format!("{} days are left", left / DAY_MS)))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_month_is_left() {
        let on = |day: i64| with(|it| it.expires = Some(Timestamp((20_750 + day) * DAY_MS)));
        assert_eq!(judged(&CHECK, &on(29)), "fail: 29 days are left");
        assert_eq!(judged(&CHECK, &on(30)), "pass");
        assert_eq!(judged(&CHECK, &on(-1)), "not applicable: the registration has expired");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
