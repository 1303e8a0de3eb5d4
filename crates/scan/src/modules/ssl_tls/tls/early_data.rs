use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.early-data",
    title: "Data is taken before the handshake is finished (0-RTT)",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 8446, section 8; RFC 8470, section 3",
    why: "Whoever records such data can send it again: an order is placed twice unless the \
          application itself notices. It also lacks forward secrecy.",
    fix: "Switch early data off, or let the application answer 425 (Too Early) to whatever must \
          not happen twice.",
    paste: paste::NO_EARLY_DATA,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let session = reached(evidence)?.habits.session.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(session.early_data > 0, || {
        format!("tickets allow {} bytes of it", session.early_data)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::habits::Session;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn nothing_is_taken_before_the_end() {
        let with = |early_data| {
            let session = Session { resumable: true, early_data, advertises_http3: Some(false) };
            judged(&CHECK, &seen(|tls| tls.habits.session = Ok(session)))
        };
        assert_eq!(with(16_384), "fail: tickets allow 16384 bytes of it");
        assert_eq!(with(0), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
