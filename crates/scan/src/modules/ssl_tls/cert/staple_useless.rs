use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;
use crate::modules::ssl_tls::ocsp::Staple;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "cert.staple-useless",
    title: "The server staples an OCSP response that is no good",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "RFC 6066, section 8; RFC 6960, section 4.2.2",
    why: "Some browsers show an error instead of the site when the response is old or for another \
          certificate; the others go on as if there were none.",
    fix: "See that the server reaches the responder of the authority, and renews what it staples \
          before it ends.",
    paste: paste::STAPLING,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match evidence.tls()?.staple.as_ref().map_err(Clone::clone)? {
        Staple::Nothing => Ok(Verdict::NotApplicable("nothing is stapled")),
        Staple::Good | Staple::Revoked { .. } => Ok(Verdict::Pass),
        Staple::Useless(why) => Ok(Verdict::Fail(why.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn what_is_stapled_is_good() {
        let with = |staple| judged(&CHECK, &seen(|tls| tls.staple = staple));
        assert_eq!(
            with(Ok(Staple::Useless("the OCSP response is none".to_owned()))),
            "fail: the OCSP response is none"
        );
        assert_eq!(with(Ok(Staple::Good)), "pass");
        assert_eq!(with(Ok(Staple::Nothing)), "not applicable: nothing is stapled");
        assert_eq!(with(Err(Missing("silence".to_owned()))), "missing: silence");
    }
}
