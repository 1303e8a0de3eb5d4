use std::collections::BTreeSet;

use model::{DAY_MS, Severity};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::timestamps::{Came, LogTimestamp, Standing};
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.logs-not-accepted",
    title: "Browsers do not accept enough of the logs that hold the certificate",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "Chrome Certificate Transparency Policy; Apple's Certificate Transparency policy",
    why: "Chrome and Safari count timestamps of the logs in their lists alone, want them of two \
          operators, and one of a log that is still in use. They refuse the certificate otherwise.",
    fix: "Issue a new certificate; authorities choose logs that are accepted.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    if !chain.public {
        return Ok(Verdict::NotApplicable("no public root vouches for the certificate"));
    }
    let timestamps = evidence.tls()?.timestamps.as_ref().map_err(Clone::clone)?;
    if timestamps.is_empty() {
        return Ok(Verdict::NotApplicable("there are no timestamps"));
    }
    let wanted = if leaf.not_after.ms_since(leaf.not_before) > 180 * DAY_MS { 3 } else { 2 };
    let inside: Vec<_> = timestamps.iter().filter(|one| one.came == Came::InCertificate).collect();
    let in_use = |one: &&LogTimestamp| one.standing == Standing::Accepted;
    let counted: Vec<_> = inside
        .iter()
        .copied()
        .filter(|one| matches!(one.standing, Standing::Accepted | Standing::Retired))
        .collect();
    // Those that come beside the certificate can be changed any time, so all have to be in use.
    let beside: Vec<_> =
        timestamps.iter().filter(|one| one.came != Came::InCertificate).filter(in_use).collect();
    let enough = problem(&counted, wanted).is_none() && counted.iter().any(in_use);
    if enough || problem(&beside, 2).is_none() {
        return Ok(Verdict::Pass);
    }
    let why = problem(&counted, wanted);
    Ok(Verdict::Fail(why.unwrap_or_else(|| "none of the logs is in use any more".to_owned())))
}

/// Says what some timestamps lack, if anything.
fn problem(counted: &[&LogTimestamp], wanted: usize) -> Option<String> {
    let logs: BTreeSet<_> = counted.iter().map(|one| &one.log).collect();
    let operators: BTreeSet<_> = counted.iter().map(|one| &one.operator).collect();
    match (logs.len() < wanted, operators.len() < 2) {
        (true, _) => Some(format!("{} of {wanted} logs are accepted", logs.len())),
        (_, true) => Some("all accepted logs are of one operator".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn browsers_accept_the_logs() {
        use Standing::{Accepted, NotAccepted, Retired, UnknownLog};
        let with = |days: i64, all: &[(&str, &str, Standing)]| {
            let all = all.iter().map(|(log, operator, it)| LogTimestamp::of(log, operator, *it));
            judged(
                &CHECK,
                &seen(|tls| {
                    tls.timestamps = Ok(all.collect());
                    let leaf = &mut tls.chain.as_mut().unwrap().certificates[0];
                    leaf.not_after = leaf.not_before.plus_ms(days * DAY_MS);
                }),
            )
        };
        let (a, b) = (("A", "One", Accepted), ("B", "Two", Accepted));
        assert_eq!(with(90, &[a, b]), "pass");
        assert_eq!(with(190, &[a, b]), "fail: 2 of 3 logs are accepted");
        assert_eq!(with(90, &[a, a]), "fail: 1 of 2 logs are accepted");
        assert_eq!(
            with(90, &[a, ("C", "One", Accepted)]),
            "fail: all accepted logs are of one operator"
        );
        assert_eq!(with(90, &[a, ("B", "Two", Retired)]), "pass");
        assert_eq!(
            with(90, &[("A", "One", Retired), ("B", "Two", Retired)]),
            "fail: none of the logs is in use any more"
        );
        for unseen in [NotAccepted, UnknownLog] {
            assert_eq!(with(90, &[a, ("B", "Two", unseen)]), "fail: 1 of 2 logs are accepted");
        }
        assert_eq!(with(90, &[]), "not applicable: there are no timestamps");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
        let private = seen(|tls| tls.chain.as_mut().unwrap().public = false);
        assert!(judged(&CHECK, &private).starts_with("not applicable: no public root"));
    }

    #[test]
    fn timestamps_beside_the_certificate_count_alone() {
        let beside = |all: &[(&str, &str, Standing)]| {
            let all = all.iter().map(|(log, operator, it)| LogTimestamp {
                came: Came::InHandshake,
                ..LogTimestamp::of(log, operator, *it)
            });
            judged(&CHECK, &seen(|tls| tls.timestamps = Ok(all.collect())))
        };
        use Standing::{Accepted, Retired};
        assert_eq!(beside(&[("A", "One", Accepted), ("B", "Two", Accepted)]), "pass");
        assert_eq!(
            beside(&[("A", "One", Accepted), ("B", "Two", Retired)]),
            "fail: 0 of 2 logs are accepted"
        );
    }
}
