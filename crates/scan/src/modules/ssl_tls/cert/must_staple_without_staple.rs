use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::ocsp::Staple;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.must-staple-without-staple",
    title: "The certificate demands a stapled OCSP response that is not sent",
    severity: Severity::High,
    group: Group::Certificate,
    standard: "RFC 7633, section 4",
    why: "Clients that honour the demand refuse to connect.",
    fix: "Switch OCSP stapling on, or issue a certificate without the demand.",
    paste: paste::STAPLING,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, _) = leaf(evidence)?;
    if !leaf.must_staple {
        return Ok(Verdict::NotApplicable("the certificate does not demand it"));
    }
    let tls = evidence.tls()?;
    let nothing = match (&tls.staple, &tls.features) {
        (Ok(staple), _) => *staple == Staple::Nothing,
        (Err(_), Some(features)) => !features.stapled,
        (Err(missing), None) => return Err(missing.clone()),
    };
    Ok(Verdict::fail_if(nothing, || "nothing is stapled".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{TlsEvidence, seen};

    #[test]
    fn a_demand_is_met() {
        let demanding = |change: fn(&mut TlsEvidence)| {
            seen(|tls| {
                tls.chain.as_mut().unwrap().certificates[0].must_staple = true;
                change(tls);
            })
        };
        assert_eq!(judged(&CHECK, &demanding(|_| {})), "fail: nothing is stapled");
        let stapled = demanding(|tls| tls.features.as_mut().unwrap().stapled = true);
        assert_eq!(judged(&CHECK, &stapled), "pass");
        let judged_one = demanding(|tls| tls.staple = Ok(Staple::Good));
        assert_eq!(judged(&CHECK, &judged_one), "pass");
        let nothing = demanding(|tls| tls.staple = Ok(Staple::Nothing));
        assert_eq!(judged(&CHECK, &nothing), "fail: nothing is stapled");
        let hidden = demanding(|tls| tls.features = None);
        assert_eq!(judged(&CHECK, &hidden), "missing: not probed in this scan");
        assert_eq!(
            judged(&CHECK, &seen(|_| {})),
            "not applicable: the certificate does not demand it"
        );
    }
}
