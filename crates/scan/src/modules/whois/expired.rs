use model::{DAY_MS, Severity};

use super::registration;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.expired",
    title: "The registration has expired",
    severity: Severity::High,
    group: Group::Registration,
    standard: "RFC 9083, section 4.5; ICANN Expired Registration Recovery Policy",
    why: "An expired domain stops working within days and is anybody's some weeks later, with its \
          mail, its certificates and every account that is recovered by a letter to it.",
    fix: "Renew the domain at the registrar today, then turn automatic renewal on and see that the \
          means of payment there is valid.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = registration(evidence)?;
    let untold = || Missing(format!("{} tells no date of expiry", registration.server));
    let expires = registration.expires.ok_or_else(untold)?;
    let past = evidence.seen_at()?.ms_since(expires);
    Ok(Verdict::fail_if(past > 0, || format!("it expired {} days ago", past / DAY_MS)))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_date_lies_ahead() {
        let on = |day: i64| with(|it| it.expires = Some(Timestamp((20_750 + day) * DAY_MS)));
        assert_eq!(judged(&CHECK, &on(-3)), "fail: it expired 3 days ago");
        assert_eq!(judged(&CHECK, &on(0)), "pass");
        let untold = with(|it| it.expires = None);
        assert_eq!(judged(&CHECK, &untold), "missing: rdap.example tells no date of expiry");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
