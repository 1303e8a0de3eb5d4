use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::intrusion;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.heartbleed",
    title: "The server gives its memory away (Heartbleed)",
    severity: Severity::Critical,
    cap: Some(34),
    group: Group::TlsFlaw,
    standard: "CVE-2014-0160; RFC 6520, section 4",
    why: "Anybody reads up to 64 kB of the server's memory at a time, without a trace in its logs: \
          keys, passwords, sessions. The scan asked for a single octet and kept none.",
    fix: "Update OpenSSL to 1.0.1g or any later line and restart all that uses it. Then make a new \
          key, have the certificate replaced and the old one revoked, end all sessions and change \
          the passwords: whatever was in memory must be taken for known.",
    careful: Some(
        "Keys replaced before the update are lost again: update and restart first, and only then \
         make the new key and revoke the old certificate.",
    ),
    paste: paste::UPDATE,
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match intrusion(evidence)?.heartbleed.clone()? {
        Some(leaks) => Ok(Verdict::fail_if(leaks, || {
            "a heartbeat that claims one octet more than it has is answered with it".to_owned()
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
    fn an_answer_that_is_longer_than_the_question_is_the_flaw() {
        let with = |seen| judged(&CHECK, &intruded(|it| it.heartbleed = seen));
        assert_eq!(
            with(Ok(Some(true))),
            "fail: a heartbeat that claims one octet more than it has is answered with it"
        );
        assert_eq!(with(Ok(Some(false))), "pass");
        assert_eq!(with(Ok(None)), "not applicable: nothing older than TLS 1.3 is offered");
        assert_eq!(judged(&CHECK, &intruded(|_| {})), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
