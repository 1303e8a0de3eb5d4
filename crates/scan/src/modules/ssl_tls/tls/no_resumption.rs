use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.no-resumption",
    title: "Sessions cannot be resumed",
    severity: Severity::Info,
    group: Group::Tls,
    standard: "RFC 8446, section 2.2; RFC 5077",
    why: "Every connection of a returning visitor costs a full handshake, in time for them and in \
          computing for the server.",
    fix: "Let the server keep sessions, or hand out tickets whose keys change daily.",
    paste: paste::RESUMPTION,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let session = reached(evidence)?.habits.session.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(!session.resumable, || {
        "neither a ticket nor a session id was handed out".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::habits::Session;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn who_comes_back_is_known() {
        let with = |resumable| {
            let session = Session { resumable, early_data: 0, advertises_http3: Some(false) };
            judged(&CHECK, &seen(|tls| tls.habits.session = Ok(session)))
        };
        assert_eq!(with(false), "fail: neither a ticket nor a session id was handed out");
        assert_eq!(with(true), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
