use model::Severity;

use super::{AccessAnswer, Told, judge_places};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::chain_problem;

pub(super) const CHECK: Check = Check {
    id: "mailaccess.certificate",
    title: "Mail programs cannot verify the server they sign in to",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 8314, section 4.4; RFC 7817, section 3",
    why: "A mail program warns or refuses, and people who learn to click the warning away also sign \
          in to whoever stands in between.",
    fix: "Give the service a certificate of a public authority for the name that mail programs are \
          told, with its chain, and renew it by itself.",
    paste: &[
        Paste {
            tool: Tool::Dovecot,
            text: "ssl_cert = </etc/letsencrypt/live/YOUR-MAIL-HOST/fullchain.pem\n\
                   ssl_key = </etc/letsencrypt/live/YOUR-MAIL-HOST/privkey.pem",
        },
        Paste {
            tool: Tool::Postfix,
            text: "smtpd_tls_chain_files = /etc/letsencrypt/live/YOUR-MAIL-HOST/privkey.pem, \
                   /etc/letsencrypt/live/YOUR-MAIL-HOST/fullchain.pem",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let now = evidence.seen_at.ok_or_else(Missing::not_probed)?;
    judge_places(evidence, |answer| {
        let AccessAnswer::Tls { chain, .. } = answer else { return Ok(Told::Nothing) };
        let chain = chain.as_ref().map_err(Clone::clone)?;
        Ok(chain_problem(chain, now).map_or(Told::Fine, Told::Bad))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::mailaccess::{Service, announcing, implicit, unanswered};
    use crate::modules::ssl_tls::trust::Trust;

    #[test]
    fn a_certificate_nobody_vouches_for_is_no_proof() {
        let own = implicit(|chain, _| chain.trust = Trust::SelfSigned);
        assert_eq!(
            judged(&CHECK, &own),
            "fail: mail.example.com has a certificate that vouches for itself (imaps, port 993)"
        );
        let other = implicit(|chain, _| chain.name_matches = false);
        assert!(judged(&CHECK, &other).starts_with("fail"));
        assert_eq!(judged(&CHECK, &implicit(|_, _| ())), "pass");
    }

    #[test]
    fn without_tls_there_is_no_certificate() {
        let answer = Ok(AccessAnswer::Clear { offers_tls: true });
        let clear = announcing(&[Service::Imap], Service::Imap, answer);
        assert!(judged(&CHECK, &clear).starts_with("not applicable"));
        assert!(judged(&CHECK, &unanswered()).starts_with("missing"));
    }
}
