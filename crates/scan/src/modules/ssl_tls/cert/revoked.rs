use model::{Severity, Timestamp};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::ocsp::Staple;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::revocation::Revocation;

pub(super) const CHECK: Check = Check {
    id: "cert.revoked",
    title: "The certificate has been revoked",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Certificate,
    standard: "RFC 5280, section 6.3; CA/Browser Forum Baseline Requirements, section 4.9",
    why: "The authority has taken the certificate back, often since its key is in other hands. \
          Browsers refuse it as soon as they know.",
    fix: "Find out why it was revoked, make a new key and issue a new certificate.",
    careful: Some(paste::CAREFUL_KEY),
    paste: paste::NEW_KEY,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = evidence.tls()?;
    if let Ok(Staple::Revoked { since, reason }) = &tls.staple {
        return Ok(revoked("the response that the server staples", *since, reason.as_deref()));
    }
    // What the issuer signed counts, whoever brings it.
    if tls.staple == Ok(Staple::Good) && tls.revocation.is_err() {
        return Ok(Verdict::Pass);
    }
    match tls.revocation.as_ref().map_err(Clone::clone)? {
        Revocation::Unlisted | Revocation::Good => Ok(Verdict::Pass),
        Revocation::NoSource => {
            Ok(Verdict::NotApplicable("the certificate names no place to ask about it"))
        }
        Revocation::Revoked { since, reason } => {
            Ok(revoked("its issuer", *since, reason.as_deref()))
        }
    }
}

fn revoked(who: &str, since: Timestamp, reason: Option<&str>) -> Verdict {
    let since = since.to_string();
    let day = since.get(..10).unwrap_or(&since);
    Verdict::Fail(match reason {
        Some(reason) => format!("{who} lists it as revoked since {day} ({reason})"),
        None => format!("{who} lists it as revoked since {day}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn the_issuer_stands_by_it() {
        let with = |revocation| judged(&CHECK, &seen(|tls| tls.revocation = revocation));
        let since = Timestamp::parse("2026-11-02T10:00:00Z").unwrap();
        let revoked = |reason: Option<&str>| {
            with(Ok(Revocation::Revoked { since, reason: reason.map(str::to_owned) }))
        };
        assert_eq!(
            revoked(Some("KeyCompromise")),
            "fail: its issuer lists it as revoked since 2026-11-02 (KeyCompromise)"
        );
        assert_eq!(revoked(None), "fail: its issuer lists it as revoked since 2026-11-02");
        assert_eq!(with(Ok(Revocation::Unlisted)), "pass");
        assert_eq!(with(Ok(Revocation::Good)), "pass");
        let stapled = seen(|tls| {
            tls.revocation = Ok(Revocation::Unlisted);
            tls.staple = Ok(Staple::Revoked { since, reason: None });
        });
        assert_eq!(
            judged(&CHECK, &stapled),
            "fail: the response that the server staples lists it as revoked since 2026-11-02"
        );
        assert_eq!(
            with(Ok(Revocation::NoSource)),
            "not applicable: the certificate names no place to ask about it"
        );
        assert_eq!(with(Err(Missing("silence".to_owned()))), "missing: silence");
        assert_eq!(judged(&CHECK, &seen(|tls| tls.staple = Ok(Staple::Good))), "pass");
    }
}
