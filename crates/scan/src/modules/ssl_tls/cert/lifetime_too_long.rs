use model::{DAY_MS, SECOND_MS, Severity};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.lifetime-too-long",
    title: "The certificate lives longer than allowed",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "CA/Browser Forum Baseline Requirements, section 6.3.2 (SC-081v3)",
    why: "Public certificates issued since 15 March 2026 live at most 200 days. Browsers refuse \
          longer ones.",
    fix: "Issue a new certificate, and let renewal run by itself (ACME): 100 days follow in \
          2027 and 47 in 2029.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    if !chain.public {
        return Ok(Verdict::NotApplicable("no public root vouches for the certificate"));
    }
    // Both ends belong to it, and any part of a day is a day.
    let lives = leaf.not_after.ms_since(leaf.not_before).saturating_add(SECOND_MS);
    let days = lives / DAY_MS + i64::from(lives % DAY_MS > 0);
    let most = match leaf.not_before.to_string() {
        from if from.as_str() >= "2029-03-15" => 47,
        from if from.as_str() >= "2027-03-15" => 100,
        from if from.as_str() >= "2026-03-15" => 200,
        _ => 398,
    };
    Ok(Verdict::fail_if(days > most, || format!("it lives {days} days, {most} are allowed")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, with_leaf};
    use model::Timestamp;

    #[test]
    fn the_limit_follows_the_date_of_issue() {
        let lives = |from: i64, days: i64| {
            with_leaf(|leaf| {
                leaf.not_before = Timestamp(from * DAY_MS);
                // The last second of the last day.
                leaf.not_after = Timestamp((from + days) * DAY_MS - SECOND_MS);
            })
        };
        assert_eq!(judged(&CHECK, &lives(20_740, 201)), "fail: it lives 201 days, 200 are allowed");
        assert_eq!(judged(&CHECK, &lives(20_740, 200)), "pass");
        assert_eq!(judged(&CHECK, &lives(20_500, 201)), "pass");
        let a_second_more = with_leaf(|leaf| {
            leaf.not_before = Timestamp(20_740 * DAY_MS);
            leaf.not_after = Timestamp(20_940 * DAY_MS);
        });
        assert_eq!(
            judged(&CHECK, &a_second_more),
            "fail: it lives 201 days, 200 are allowed",
            "both ends count"
        );
        let private = seen(|tls| tls.chain.as_mut().unwrap().public = false);
        assert_eq!(
            judged(&CHECK, &private),
            "not applicable: no public root vouches for the certificate"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
