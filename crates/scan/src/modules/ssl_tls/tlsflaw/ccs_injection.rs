use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::intrusion;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.ccs-injection",
    title: "Keys can be forced that an attacker knows (CCS injection)",
    severity: Severity::Critical,
    cap: Some(34),
    group: Group::TlsFlaw,
    standard: "CVE-2014-0224; RFC 5246, section 7.1",
    why: "The server takes a ChangeCipherSpec before there are keys and goes on with empty ones, so an \
          attacker on the network reads and changes what clients with the same flaw send.",
    fix: "Update OpenSSL to 0.9.8za, 1.0.0m, 1.0.1h or any later line and restart all that uses it.",
    paste: paste::UPDATE,
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match intrusion(evidence)?.early_ccs.clone()? {
        Some(taken) => Ok(Verdict::fail_if(taken, || {
            "a ChangeCipherSpec before the key exchange is taken: what follows is decrypted"
                .to_owned()
        })),
        None => Ok(Verdict::NotApplicable("nothing older than TLS 1.3 is offered")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{intruded, silent};

    #[test]
    fn who_changes_keys_too_early_has_the_flaw() {
        let with = |seen| judged(&CHECK, &intruded(|it| it.early_ccs = seen));
        assert_eq!(
            with(Ok(Some(true))),
            "fail: a ChangeCipherSpec before the key exchange is taken: what follows is decrypted"
        );
        assert_eq!(with(Ok(Some(false))), "pass");
        assert_eq!(with(Ok(None)), "not applicable: nothing older than TLS 1.3 is offered");
        assert_eq!(judged(&CHECK, &intruded(|_| {})), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
