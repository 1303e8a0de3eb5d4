use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::timestamps::Standing;

pub(super) const CHECK: Check = Check {
    id: "cert.timestamp-forged",
    title: "A timestamp of the certificate is not what its log signed",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "RFC 6962, section 3.2",
    why: "Browsers do not count it, and refuse the certificate when too few are left. It may belong \
          to an older certificate, or somebody made it up.",
    fix: "Where the server itself sends the timestamps, fetch them anew for this certificate. Where \
          they are in the certificate, ask the authority, and issue a new one.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let timestamps = evidence.tls()?.timestamps.as_ref().map_err(Clone::clone)?;
    let has = |wanted: Standing| timestamps.iter().find(|one| one.standing == wanted);
    if let Some(forged) = has(Standing::Forged) {
        return Ok(Verdict::Fail(format!("that of {} does not hold", forged.log)));
    }
    if let Some(future) = has(Standing::OfTheFuture) {
        return Ok(Verdict::Fail(format!("that of {} is of {}", future.log, future.at)));
    }
    match timestamps.iter().any(|one| one.standing != Standing::UnknownLog) {
        true => Ok(Verdict::Pass),
        false if timestamps.is_empty() => Ok(Verdict::NotApplicable("there are no timestamps")),
        false => Err(Missing("none of its logs is in the list of logs".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;
    use crate::modules::ssl_tls::timestamps::LogTimestamp;

    #[test]
    fn what_logs_signed_holds() {
        let with = |standings: &[Standing]| {
            let all = standings.iter().map(|standing| LogTimestamp::of("A", "One", *standing));
            judged(&CHECK, &seen(|tls| tls.timestamps = Ok(all.collect())))
        };
        use Standing::{Accepted, Forged, OfTheFuture, UnknownLog};
        assert_eq!(with(&[Accepted, Forged]), "fail: that of A does not hold");
        assert_eq!(with(&[OfTheFuture]), "fail: that of A is of 2026-10-01T00:00:00.000Z");
        assert_eq!(with(&[Accepted, UnknownLog]), "pass");
        assert_eq!(with(&[]), "not applicable: there are no timestamps");
        assert_eq!(with(&[UnknownLog]), "missing: none of its logs is in the list of logs");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
