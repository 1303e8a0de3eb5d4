use model::Severity;

use super::{SignatureState, chain, signed_zone};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dnssec::paste;

pub(super) const CHECK: Check = Check {
    id: "dnssec.signature-expires-soon",
    title: "A DNSSEC signature is about to expire",
    severity: Severity::Medium,
    group: Group::Dns,
    standard: "RFC 6781, section 4.4.2",
    why: "When it does, resolvers that validate refuse the domain. A signer that works renews \
          signatures long before, so it may have stopped.",
    fix: "See whether the signer runs and whether every name server serves the newest zone.",
    careful: Some(paste::CAREFUL_KEYS),
    paste: paste::SIGN_AGAIN,
    run,
    ..Check::BASE
};

/// Seconds that a signature must still hold, so that it outlives what caches keep.
const MARGIN: i64 = 12 * 60 * 60;

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    if let Err(verdict) = signed_zone(evidence)? {
        return Ok(verdict);
    }
    let now = evidence.seen_at()?.unix_seconds();
    let signatures = chain(evidence)?
        .own_signatures()
        .filter(|signature| signature.state == SignatureState::Valid);
    let Some(first) = signatures.min_by_key(|signature| signature.expiration) else {
        return Ok(Verdict::NotApplicable("no signature of the zone holds"));
    };
    let left = first.expiration - now;
    Ok(Verdict::fail_if(left < MARGIN, || {
        let hours = left / 3_600;
        format!("the signature over {} of {} ends in {hours} hours", first.covers, first.name)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dnssec::{NOW, sound, unseen, unsign};
    #[test]
    fn signatures_are_renewed_in_time() {
        let judge = |left: i64| {
            judged(&CHECK, &sound(|chain| chain.answers[0].signatures[0].expiration = NOW + left))
        };
        assert_eq!(judge(7_200), "fail: the signature over SOA of example.com ends in 2 hours");
        assert_eq!(judge(MARGIN), "pass");
        assert_eq!(judged(&CHECK, &sound(unsign)), "not applicable: the zone is not signed");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
