use model::Severity;

use super::{judge_in_mode, uncertified};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::paste;

pub(super) const CHECK: Check = Check {
    id: "mtasts.server-certificate",
    title: "A mail server breaks the MTA-STS policy of its own domain",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 8461, section 4.2",
    why: "The policy tells senders to deliver only to servers with a certificate that is \
          valid. This one has none, so mail stays away.",
    fix: "Get a certificate for the name in the MX record from a public authority.",
    paste: paste::MAIL_CERTIFICATE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_in_mode(evidence, false, uncertified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::Mode;
    use crate::modules::email_auth::sample::{in_chain, in_policy, no_mail, seen, unreached};
    use crate::modules::ssl_tls::trust::Trust;

    #[test]
    fn the_servers_do_what_the_policy_says() {
        let own = in_chain(|chain| chain.trust = Trust::SelfSigned);
        assert_eq!(
            judged(&CHECK, &own),
            "fail: mx.example.com has a certificate that vouches for itself"
        );
        assert_eq!(judged(&CHECK, &seen(|_| ())), "pass");
        assert!(judged(&CHECK, &unreached()).starts_with("missing"));
        let mut tested = in_policy(|_, _, policy| policy.mode = Some(Mode::Testing));
        tested.mail.as_mut().unwrap().servers.clone_from(&own.mail.as_ref().unwrap().servers);
        assert!(
            judged(&CHECK, &tested).starts_with("not applicable: senders deliver all the same")
        );
        let none = in_policy(|_, _, policy| policy.mode = Some(Mode::None));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.mta_sts = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
