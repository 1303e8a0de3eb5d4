use model::Severity;

use super::Soa;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

const DAY: u32 = 24 * 60 * 60;

pub(super) const CHECK: Check = Check {
    id: "ns.soa-timers",
    title: "The zone's timers are out of the ordinary",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 1912, section 2.2; RFC 2308, section 5",
    why: "Secondary servers drop the zone after the expiry time, and resolvers remember that a \
          name does not exist for the negative one. Wrong values turn a short outage or a typo \
          into a long one.",
    fix: "Use about 4 hours for refresh, 1 hour for retry, 2 to 4 weeks for expiry and 1 hour for \
          negative answers.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let soa = ns.soa.as_ref().map_err(Clone::clone)?;
    Ok(oddity(soa).map_or(Verdict::Pass, Verdict::Fail))
}

/// Returns the first timer that defeats its purpose.
fn oddity(soa: &Soa) -> Option<String> {
    let Soa { refresh, retry, expire, negative, .. } = soa;
    if retry > refresh {
        Some(format!("retry ({retry} s) is longer than refresh ({refresh} s)"))
    } else if *expire < 7 * DAY {
        Some(format!("the zone expires after {expire} s, less than a week"))
    } else if *expire <= refresh.saturating_add(*retry) {
        Some(format!("the zone expires after {expire} s, before a second attempt to refresh"))
    } else if *negative > DAY {
        Some(format!("negative answers are kept for {negative} s, more than a day"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_servers;
    use super::*;
    use crate::check::judged;

    #[test]
    fn timers_serve_their_purpose() {
        let judge = |soa: Result<Soa, Missing>| {
            let mut evidence = with_servers(&[("a.example.net", "192.0.2.1")]);
            evidence.dns_email.as_mut().unwrap().ns.as_mut().unwrap().soa = soa;
            judged(&CHECK, &evidence)
        };
        let sane = Soa {
            primary: "a.example.net".to_owned(),
            serial: 1,
            refresh: 4 * 3_600,
            retry: 3_600,
            expire: 14 * DAY,
            negative: 3_600,
        };
        assert_eq!(judge(Ok(sane.clone())), "pass");
        assert_eq!(
            judge(Ok(Soa { retry: 20_000, ..sane.clone() })),
            "fail: retry (20000 s) is longer than refresh (14400 s)"
        );
        assert_eq!(
            judge(Ok(Soa { expire: DAY, ..sane.clone() })),
            "fail: the zone expires after 86400 s, less than a week"
        );
        assert_eq!(
            judge(Ok(Soa { refresh: 20 * DAY, ..sane.clone() })),
            "fail: the zone expires after 1209600 s, before a second attempt to refresh"
        );
        assert_eq!(
            judge(Ok(Soa { negative: 2 * DAY, ..sane })),
            "fail: negative answers are kept for 172800 s, more than a day"
        );
        assert_eq!(judge(Err(Missing("silence".to_owned()))), "missing: silence");
    }
}
