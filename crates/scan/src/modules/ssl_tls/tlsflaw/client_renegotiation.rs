use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::intrusion;
use crate::modules::ssl_tls::intrusion::Renegotiation;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.client-renegotiation",
    title: "Clients may start the handshake over and over",
    severity: Severity::Medium,
    group: Group::TlsFlaw,
    standard: "CVE-2011-1473; RFC 9325, section 3.5",
    why: "A handshake costs the server many times what it costs the client, and one connection can ask \
          for hundreds a second: a single machine keeps a server busy. Where the new handshake is not \
          tied to the first, an attacker also puts words before a client's own (CVE-2009-3555).",
    fix: "Refuse renegotiation by clients: OpenSSL 3.0 does by itself, from 1.1.0h on \
          `SSL_OP_NO_RENEGOTIATION` does; nginx and Apache never allow it with a current OpenSSL. In \
          F5 BIG-IP set `renegotiation disabled` in the client SSL profile, in Java \
          `-Djdk.tls.rejectClientInitiatedRenegotiation=true`.",
    careful: Some(
        "Servers that ask for a client certificate in the middle of a connection need \
         renegotiation below TLS 1.3: try a page that demands one before you leave it so.",
    ),
    paste: paste::NO_RENEGOTIATION,
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(renegotiation) = intrusion(evidence)?.renegotiation.clone()? else {
        return Ok(Verdict::NotApplicable("nothing older than TLS 1.3 is offered"));
    };
    Ok(match renegotiation {
        Renegotiation::Refused => Verdict::Pass,
        Renegotiation::Accepted => Verdict::Fail(
            "another handshake on the same connection is begun when the client asks".to_owned(),
        ),
        Renegotiation::AcceptedInsecurely => Verdict::Fail(
            "another handshake on the same connection is begun when the client asks, and not tied \
             to the first"
                .to_owned(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{intruded, silent};

    #[test]
    fn asking_anew_is_refused() {
        let with = |seen| judged(&CHECK, &intruded(|it| it.renegotiation = seen));
        let accepted =
            "fail: another handshake on the same connection is begun when the client asks";
        assert_eq!(with(Ok(Some(Renegotiation::Accepted))), accepted);
        assert_eq!(
            with(Ok(Some(Renegotiation::AcceptedInsecurely))),
            format!("{accepted}, and not tied to the first")
        );
        assert_eq!(with(Ok(Some(Renegotiation::Refused))), "pass");
        assert_eq!(with(Ok(None)), "not applicable: nothing older than TLS 1.3 is offered");
        assert_eq!(judged(&CHECK, &intruded(|_| {})), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
