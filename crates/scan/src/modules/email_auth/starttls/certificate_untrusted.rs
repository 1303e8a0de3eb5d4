use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;
use crate::modules::email_auth::{judge_chains, trust_problem};

pub(super) const CHECK: Check = Check {
    id: "starttls.certificate-untrusted",
    title: "Nobody vouches for the certificate of a mail server",
    severity: Severity::Low,
    group: Group::MailTransport,
    standard: "RFC 8461, section 4.2",
    why: "Senders that check certificates cannot tell the server from an impostor. Most do \
          not check yet; with DANE, no authority is needed.",
    fix: "Get a certificate from a public authority, and send the intermediate certificates \
          along.",
    paste: paste::MAIL_CERTIFICATE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_chains(evidence, trust_problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{in_chain, no_mail, seen, unreached};
    use crate::modules::ssl_tls::trust::Trust;

    #[test]
    fn a_certificate_needs_somebody_to_vouch() {
        let own = in_chain(|chain| chain.trust = Trust::SelfSigned);
        assert_eq!(
            judged(&CHECK, &own),
            "fail: mx.example.com has a certificate that vouches for itself"
        );
        let short = in_chain(|chain| chain.trust = Trust::Incomplete("CN=Third".to_owned()));
        assert!(judged(&CHECK, &short).ends_with("does not send the certificate of `CN=Third`"));
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
    }
}
