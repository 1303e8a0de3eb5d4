use model::Severity;

use super::{NO_MAIL, seen};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "mx.unresolved",
    title: "A mail server of the domain has no address",
    severity: Severity::High,
    group: Group::MailTransport,
    standard: "RFC 5321, section 5.1",
    why: "Senders that pick this mail server cannot deliver. A name that anybody can register would \
          even hand them the mail.",
    fix: "Give the mail server an address, or remove its MX record.",
    paste: paste::HOST_ADDRESS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mx = seen(evidence)?;
    if !mx.has_mail() {
        return Ok(Verdict::NotApplicable(NO_MAIL));
    }
    let dead: Vec<_> = mx
        .hosts
        .iter()
        .filter(|host| host.addresses.as_ref().is_ok_and(Vec::is_empty))
        .map(|host| host.name.as_str())
        .collect();
    if let (true, Some(missing)) =
        (dead.is_empty(), mx.hosts.iter().find_map(|host| host.addresses.as_ref().err()))
    {
        return Err(missing.clone());
    }
    Ok(Verdict::fail_if(!dead.is_empty(), || format!("{} has no address", dead.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::super::{MxEvidence, host};
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn a_mail_server_needs_an_address() {
        let judge = |mx: MxEvidence| judged(&CHECK, &seen(|dns| dns.mx = Ok(mx)));
        assert_eq!(
            judge(host("mail.example.com", 0, false)),
            "fail: mail.example.com has no address"
        );
        assert_eq!(judge(host("mail.example.com", 1, false)), "pass");
        assert_eq!(
            judge(MxEvidence::default()),
            "not applicable: the domain declares no mail server"
        );
        let mut unseen = host("mail.example.com", 1, false);
        unseen.hosts[0].addresses = Err(Missing("silence".to_owned()));
        assert_eq!(judge(unseen), "missing: silence");
    }
}
