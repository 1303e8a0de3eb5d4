use model::Severity;

use model::DAY_MS;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.expires-soon",
    title: "The certificate is late for renewal",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "CA/Browser Forum SC-081v3",
    why: "Less than a third of its lifetime and less than ten days are left. Renewal usually runs \
          with a third left, so it may have stopped working.",
    fix: "Renew the certificate now and see why it was not renewed by itself.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    let left = leaf.not_after.ms_since(evidence.seen_at()?);
    let lifetime = leaf.not_after.ms_since(leaf.not_before);
    if left < 0 {
        return Ok(Verdict::NotApplicable("the certificate has expired"));
    }
    // A share of the lifetime alone would blame the long-lived, days alone the short-lived.
    Ok(Verdict::fail_if(left < (lifetime / 3).min(10 * DAY_MS), || {
        format!("{} of {} days are left", left / DAY_MS, lifetime / DAY_MS)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::with_leaf;
    use model::Timestamp;

    #[test]
    fn the_rest_is_judged_against_the_lifetime() {
        let lasts = |from: i64, to: i64| {
            with_leaf(|leaf| {
                leaf.not_before = Timestamp((20_750 + from) * DAY_MS);
                leaf.not_after = Timestamp((20_750 + to) * DAY_MS);
            })
        };
        assert_eq!(judged(&CHECK, &lasts(-81, 9)), "fail: 9 of 90 days are left");
        assert_eq!(judged(&CHECK, &lasts(-80, 10)), "pass");
        assert_eq!(judged(&CHECK, &lasts(-4, 2)), "pass");
        assert_eq!(judged(&CHECK, &lasts(-5, 1)), "fail: 1 of 6 days are left");
        assert_eq!(judged(&CHECK, &lasts(-80, -1)), "not applicable: the certificate has expired");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
