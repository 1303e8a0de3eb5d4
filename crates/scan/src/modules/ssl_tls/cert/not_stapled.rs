use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::ocsp::Staple;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.not-stapled",
    title: "Visitors have to ask the authority themselves whether the certificate still holds",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "RFC 6066, section 8; RFC 9325, section 7.5",
    why: "Those who ask tell the authority which site they visit, and wait for it. A server that \
          staples the answer spares them both.",
    fix: "Switch OCSP stapling on, as long as the authority runs a responder.",
    paste: paste::STAPLING,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    match leaf.names_responder {
        None => return Err(Missing::not_probed()),
        Some(false) => {
            return Ok(Verdict::NotApplicable("the certificate names no OCSP responder"));
        }
        Some(true) => {}
    }
    let staple = evidence.tls()?.staple.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(*staple == Staple::Nothing, || "nothing is stapled".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn an_answer_is_stapled_where_there_is_one() {
        let with = |names, staple| {
            judged(
                &CHECK,
                &seen(|tls| {
                    tls.chain.as_mut().unwrap().certificates[0].names_responder = names;
                    tls.staple = staple;
                }),
            )
        };
        assert_eq!(with(Some(true), Ok(Staple::Nothing)), "fail: nothing is stapled");
        assert_eq!(with(Some(true), Ok(Staple::Good)), "pass");
        assert_eq!(
            with(Some(false), Ok(Staple::Nothing)),
            "not applicable: the certificate names no OCSP responder"
        );
        assert_eq!(with(None, Ok(Staple::Nothing)), "missing: not probed in this scan");
        let unseen = Err(Missing("silence".to_owned()));
        assert_eq!(with(Some(true), unseen), "missing: silence");
    }
}
