use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.no-sct",
    title: "The certificate is in no public log",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "RFC 9162, section 4.8",
    why: "Browsers demand proof that a public certificate was logged, so that a forged one \
          would be noticed. Without it they refuse the certificate.",
    fix: "Issue a new certificate from an authority that logs it.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    if !chain.public {
        return Ok(Verdict::NotApplicable("no public root vouches for the certificate"));
    }
    let tls = evidence.tls()?;
    if leaf.has_sct {
        return Ok(Verdict::Pass);
    }
    // They may come beside the certificate as well: in the handshake or in a stapled response.
    match (&tls.timestamps, tls.features) {
        (_, Some(features)) if features.timestamps => Ok(Verdict::Pass),
        (Ok(timestamps), _) if !timestamps.is_empty() => Ok(Verdict::Pass),
        // There are some, whatever their logs are worth.
        (Err(missing), _) if Missing::is_not_configured(&missing.0) => Ok(Verdict::Pass),
        (Err(missing), _) => Err(missing.clone()),
        (Ok(_), None) => Err(Missing(
            "whether timestamps come in the handshake was not seen, since TLS 1.3 hides them"
                .to_owned(),
        )),
        (Ok(_), Some(_)) => Ok(Verdict::Fail(
            "neither the certificate nor what comes with it holds signed certificate timestamps"
                .to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::timestamps::{Came, LogTimestamp, Standing};
    use crate::modules::ssl_tls::{TlsEvidence, seen};

    fn bare(change: impl FnOnce(&mut TlsEvidence)) -> Evidence {
        seen(|tls| {
            tls.chain.as_mut().unwrap().certificates[0].has_sct = false;
            tls.timestamps = Ok(Vec::new());
            change(tls);
        })
    }

    #[test]
    fn a_public_certificate_is_logged() {
        assert_eq!(
            judged(&CHECK, &bare(|_| {})),
            "fail: neither the certificate nor what comes with it holds signed certificate timestamps"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        let private = seen(|tls| tls.chain.as_mut().unwrap().public = false);
        assert_eq!(
            judged(&CHECK, &private),
            "not applicable: no public root vouches for the certificate"
        );
    }

    #[test]
    fn timestamps_beside_the_certificate_count() {
        let by_extension = bare(|tls| tls.features.as_mut().unwrap().timestamps = true);
        assert_eq!(judged(&CHECK, &by_extension), "pass");
        let stapled = LogTimestamp::of("Log", "Operator", Standing::Accepted);
        let stapled = LogTimestamp { came: Came::InStaple, ..stapled };
        assert_eq!(judged(&CHECK, &bare(|tls| tls.timestamps = Ok(vec![stapled]))), "pass");
        // There are some, but no list of logs to hold them against.
        let unlisted = Err(Missing::not_configured("providers.ct_log_list"));
        assert_eq!(judged(&CHECK, &bare(|tls| tls.timestamps = unlisted)), "pass");
    }

    #[test]
    fn what_tls13_hides_is_not_judged() {
        assert!(judged(&CHECK, &bare(|tls| tls.features = None)).starts_with("missing: whether"));
        let older = bare(|tls| tls.timestamps = Err(Missing::not_probed()));
        assert_eq!(judged(&CHECK, &older), "missing: not probed in this scan");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
